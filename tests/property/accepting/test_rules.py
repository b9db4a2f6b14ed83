"""The rules of entities on accepting, each with the smallest log that the weaker variant gets wrong."""

import pytest

from kpi.accepting.fates import judge
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.wire import IdleMark
from services.runtime.catalogue import load
from tests.property.accepting.oracle import Declared, Event, books
from tests.property.accepting.streams import T0, Partition
from tests.property.core.simulation import Simulated

CLICK = {"click_id": "c", "campaign_id": "a", "ad_id": "x", "placement": "top", "audience": "all"}
TOPIC = "web.click.v1"


def event(identifier: str, time: int) -> Event:
    return {"id": identifier, "time": T0 + time}


@pytest.mark.parametrize("cuts", [[], [1]])
def test_rule_1_lateness_is_judged_record_by_record(cuts: list[int]) -> None:
    declared = Declared(disorder=0, lateness=3, corrections=None, remembered=1000)
    log = [event("a", 0), event("b", 4), event("c", 0)]
    assert Partition(declared, log).run(cuts).fates == ["aggregated", "aggregated", "late"]
    assert Partition(declared, log).run(cuts).horizons == {0: T0 - 3, 1: T0 + 1}


def clicks() -> Catalogue:
    """The shipped catalogue, clicks with a disorder of 1 ms, a lateness of 2 ms, idle after 1 s."""
    catalogue = load([])
    changed = {"disorder": 1, "lateness": 2, "idle_timeout": 1000, "clock": "live"}
    click = catalogue.streams["web.click"].model_copy(update=changed)
    return catalogue.model_copy(update={"streams": {**catalogue.streams, "web.click": click}})


def click(identifier: str, time: int) -> Event:
    return {**CLICK, "billable": True, "is_bot": False, **event(identifier, time)}


def recomputed(catalogue: Catalogue, log: list[Event], marks: list[IdleMark]) -> Task:
    """A new task over the raw log and the marks that stand in the panes topic, in one batch between each two marks."""
    simulated = Simulated(catalogue, "web.click", 0, TOPIC, log)
    idle = catalogue.streams["web.click"].idle_timeout + catalogue.streams["web.click"].disorder
    for mark in sorted(marks, key=lambda mark: mark.offset):
        simulated.task.take(TOPIC, simulated.batch(simulated.task.sources[TOPIC].position, mark.offset))
        simulated.task.advance_idle(TOPIC, mark.watermark + idle)
    simulated.task.take(TOPIC, simulated.batch(simulated.task.sources[TOPIC].position, len(log)))
    return simulated.task


def test_rule_2_idle_marks_are_kept_with_their_offsets_and_judge_lateness() -> None:
    catalogue = clicks()
    log = [click("a", 0), click("b", 3), click("c", 0), click("d", 8), click("e", 5), click("f", 9)]
    live = Simulated(catalogue, "web.click", 0, TOPIC, log)
    advanced: dict[int, int] = {}
    for count, watermark in ((1, 3), (2, 7), (2, 12), (1, None)):
        position = live.task.sources[TOPIC].position
        live.task.take(TOPIC, live.batch(position, position + count))
        if watermark is not None:
            live.task.advance_idle(TOPIC, T0 + watermark + 1001)
            advanced[position + count] = T0 + watermark
        live.flush()
        live.start()
    want = books(log, Declared(disorder=1, lateness=2, corrections=None, remembered=1_000_000), advanced)
    assert want.fates == ["aggregated", "aggregated", "late", "aggregated", "aggregated", "late"]
    kept = [record for record in live.settled().values() if isinstance(record, IdleMark)]
    for task in (live.task, recomputed(catalogue, log, kept)):
        source = task.sources[TOPIC]
        assert (source.fates["aggregated"], source.fates["late"]) == (4, 2)
        assert source.watermark == want.watermark
    assert {mark.offset: mark.watermark for mark in kept} == advanced


def test_rule_2_without_its_marks_a_log_says_something_else() -> None:
    log = [click("a", 0), click("b", 3), click("c", 0), click("d", 8), click("e", 5), click("f", 9)]
    source = recomputed(clicks(), log, []).sources[TOPIC]
    assert (source.fates["aggregated"], source.fates["late"]) == (6, 0)


@pytest.mark.parametrize("cuts", [[], [1, 2], [2]])
def test_rule_3_duplicates_by_offset_distance_never_by_time(cuts: list[int]) -> None:
    declared = Declared(disorder=0, lateness=2, corrections=None, remembered=1000)
    found = Partition(declared, [event("a", 0), event("b", 3), event("a", 3)]).run(cuts)
    assert (found.fates, found.conflicting) == (["aggregated", "aggregated", "duplicate"], 1)
    near = Declared(disorder=0, lateness=2, corrections=None, remembered=2)
    log = [event("a", 0), event("b", 0), event("c", 0), event("a", 0), event("d", 0), event("a", 0), event("b", 0)]
    assert Partition(near, log).run(cuts).fates == ["aggregated"] * 3 + [
        "duplicate",
        "aggregated",
        "duplicate",
        "aggregated",
    ]


def test_rule_18_a_time_far_ahead_of_its_arrival_moves_nothing() -> None:
    catalogue = clicks()
    arrived = 4_000_000_000_000  # of every record of a simulation
    ahead = catalogue.streams["web.click"].ahead
    log = [click("a", 0), click("b", arrived + ahead + 1 - T0), click("c", 1)]
    simulated = Simulated(catalogue, "web.click", 0, TOPIC, log)
    simulated.drain()
    source = simulated.task.sources[TOPIC]
    assert (source.fates["invalid"], source.fates["aggregated"], source.fates["late"]) == (1, 2, 0)
    assert source.watermark == T0
    allowed = Simulated(catalogue, "web.click", 0, TOPIC, [click("b", arrived + ahead - T0)])
    allowed.drain()
    assert allowed.task.sources[TOPIC].watermark == arrived + ahead - 1


@pytest.mark.parametrize("cuts", [[], [1], [2, 4], [1, 2, 3, 4]])
def test_case_t3_as_far_as_accepting_goes(cuts: list[int]) -> None:
    """Of D1's, D2's and D3's partition, as if it were one: the twin was moved there and is read again as the last."""

    def won(source: str, identifier: str, amount: int, deal: str) -> Event:
        return {"id": identifier, "source": source, "time": T0, "amount": amount, "team": deal}

    log = [
        won("crm", "1", 1000, "D1"),
        won("shop", "1", 500, "D2"),
        won("crm", "2", 700, "D3"),
        won("crm", "2", 900, "D3"),
        won("crm", "3", 700, "D3"),
        won("crm", "1", 1000, "D1"),
    ]
    partition = Partition(Declared(disorder=0, lateness=0, corrections=None, remembered=1000), log)
    found = partition.run(cuts)
    assert found.fates == ["aggregated"] * 3 + ["duplicate", "aggregated", "duplicate"]
    assert (found.count("duplicate"), found.conflicting) == (2, 1)


def test_an_empty_batch_changes_nothing() -> None:
    partition = Partition(Declared(disorder=0, lateness=0, corrections=1, remembered=10), [event("a", 0)])
    judged = judge(partition.stream, partition.frame(0, 1).clear(), None, partition.seen)
    assert (judged.accepted.height, judged.late.height, judged.duplicates, judged.watermark) == (0, 0, 0, None)
