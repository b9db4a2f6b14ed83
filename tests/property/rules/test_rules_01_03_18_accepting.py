"""Rules 1, 2, 3 and 18, of accepting: a function of the log before each record, and of nothing else."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import polars as pl
import pytest

from kpi.accepting.fates import Judged, judge
from kpi.accepting.hash_table import Digests, Hashes
from kpi.accepting.identifiers import Offsets, SeenIdentifiers, Sighting
from kpi.records.decoding import Decoded, RecordDecoder
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.streams import Stream
from schemas.wire import IdleMark
from services.runtime.catalogue import load
from tests.property.accepting.oracle import Declared, Event, books
from tests.property.accepting.streams import T0, Partition
from tests.property.core.simulation import APPENDED, Simulated
from tests.property.rules.breaking import broken

CLICK = {"click_id": "c", "campaign_id": "a", "ad_id": "x", "placement": "top", "audience": "all"}
TOPIC = "web.click.v1"
IDLE = 1000


def event(identifier: str, time: int) -> Event:
    return {"id": identifier, "time": T0 + time}


def clicks() -> Catalogue:
    """The shipped catalogue, clicks with a disorder of 1 ms, a lateness of 2 ms, idle after 1 s."""
    catalogue = load([], packs=["marketing"])
    changed = {"disorder": 1, "lateness": 2, "idle_timeout": IDLE, "clock": "live"}
    click = catalogue.streams["web.click"].model_copy(update=changed)
    return catalogue.model_copy(update={"streams": {**catalogue.streams, "web.click": click}})


def click(identifier: str, time: int) -> Event:
    return {**CLICK, "billable": True, "is_bot": False, **event(identifier, time)}


def of_clicks(log: Sequence[Event]) -> Simulated:
    return Simulated(clicks(), "web.click", 0, TOPIC, log)


@pytest.mark.parametrize("cuts", [[], [1], [2], [1, 2]])
def test_rule_1_lateness_is_judged_record_by_record(cuts: list[int]) -> None:
    def check() -> None:
        declared = Declared(disorder=0, lateness=3, corrections=None, remembered=1000)
        found = Partition(declared, [event("a", 0), event("b", 4), event("c", 0)]).run(cuts)
        assert found.fates == ["aggregated", "aggregated", "late"]
        assert found.horizons == {0: T0 - 3, 1: T0 + 1}

    def of_the_batch(times: pl.Expr, disorder: int, before: int | None) -> pl.Expr:
        return pl.max_horizontal(times.max() - disorder, pl.lit(before, dtype=pl.Int64))

    check()
    if 1 not in cuts:  # else no batch holds two records of which the second moves the watermark
        with broken(("kpi.accepting.fates.watermark_after", of_the_batch)):
            check()


LOG = [click("a", 0), click("b", 3), click("c", 0), click("d", 8), click("e", 5), click("f", 9)]
ADVANCED = {1: T0 + 3, 3: T0 + 7, 5: T0 + 12}
"""By offset, how far silence had brought the watermark before that record."""


def recomputed(marks: Sequence[IdleMark]) -> Task:
    """A new task over the raw log and the marks that stand in the panes topic, in one batch between each two marks."""
    simulated = of_clicks(LOG)
    task = simulated.task
    for mark in sorted(marks, key=lambda mark: mark.offset):
        task.take(TOPIC, simulated.batch(task.sources[TOPIC].position, mark.offset))
        task.advance_idle(TOPIC, mark.watermark + IDLE + 1)
    task.take(TOPIC, simulated.batch(task.sources[TOPIC].position, len(LOG)))
    return task


def live_equals_recomputed() -> None:
    live = of_clicks(LOG)
    for start, stop in pairwise([0, *ADVANCED, len(LOG)]):
        live.task.take(TOPIC, live.batch(start, stop))
        if stop in ADVANCED:
            live.task.advance_idle(TOPIC, ADVANCED[stop] + IDLE + 1)
        live.flush()
        live.start()
    want = books(LOG, Declared(disorder=1, lateness=2, corrections=None, remembered=1_000_000), ADVANCED)
    assert want.fates == ["aggregated", "aggregated", "late", "aggregated", "aggregated", "late"]
    kept = [record for record in live.settled().values() if isinstance(record, IdleMark)]
    for task in (live.task, recomputed(kept)):
        source = task.sources[TOPIC]
        assert (source.fates["aggregated"], source.fates["late"]) == (4, 2)
        assert source.watermark == want.watermark
    assert {mark.offset: mark.watermark for mark in kept} == ADVANCED


ADVANCE = Task.advance_idle


def unwritten(task: Task, topic: str, now: int) -> None:
    """The watermark is advanced, and only the progress of the next flush says so."""
    ADVANCE(task, topic, now)
    task._idle.clear()


def the_last_alone(task: Task, topic: str, now: int) -> None:
    """Marks without an offset of their own: each replaces the one before."""
    ADVANCE(task, topic, now)
    task._idle[:] = [IdleMark(m.task, m.topic, 0, m.incarnation, m.flush, m.watermark) for m in task._idle]


def closing_only(task: Task, topic: str, now: int) -> None:
    """The mark has no part in the watermark that judges lateness."""
    watermark = task.sources[topic].watermark
    ADVANCE(task, topic, now)
    task.sources[topic].watermark = watermark


@pytest.mark.parametrize("variant", [unwritten, the_last_alone, closing_only])
def test_rule_2_idle_marks_are_kept_with_their_offsets_and_judge_lateness(
    variant: Callable[[Task, str, int], None],
) -> None:
    live_equals_recomputed()
    with broken(("kpi.tasks.task.Task.advance_idle", variant)):
        live_equals_recomputed()


def by_event_time() -> Callable[..., Judged]:
    """Judging that throws away the ids of records older than the horizon."""
    times: dict[str, int] = {}

    def judged(
        stream: Stream,
        frame: pl.DataFrame,
        watermark: int | None,
        seen: SeenIdentifiers,
    ) -> Judged:
        names = []
        for identifier, time in frame.select("id", "time").iter_rows():
            gone = watermark is not None and times.get(identifier, time) < watermark - stream.lateness
            names.append(f"{identifier}, not known any more" if gone else identifier)
            times[identifier] = time
        return judge(stream, frame.with_columns(pl.Series("id", names)), watermark, seen)

    return judged


def test_rule_3_duplicates_by_offset_distance_never_by_time() -> None:
    def check() -> None:
        simulated = of_clicks([click("a", 0), click("b", 4), click("a", 4)])
        for offset in range(3):
            simulated.task.take(TOPIC, simulated.batch(offset, offset + 1))
        source = simulated.task.sources[TOPIC]
        assert (source.fates["aggregated"], source.fates["duplicate"], source.conflicting) == (2, 1, 1)

    check()
    with broken(("kpi.tasks.intake.judge", by_event_time())):
        check()


@pytest.mark.parametrize("cuts", [[], [1, 2], [2], [4, 5]])
def test_rule_3_what_is_forgotten_follows_from_offsets_alone(cuts: list[int]) -> None:
    add = SeenIdentifiers.add

    def check() -> None:
        near = Declared(disorder=0, lateness=2, corrections=None, remembered=2)
        found = Partition(near, [event(identifier, 0) for identifier in "abcadab"]).run(cuts)
        assert found.fates == [{"+": "aggregated", "=": "duplicate"}[fate] for fate in "+++=+=+"]

    def all_near(seen: SeenIdentifiers, hashes: Hashes, digests: Digests, offsets: Offsets) -> Sighting:
        return add(seen, hashes, digests, offsets * 0)

    check()
    with broken(("kpi.accepting.identifiers.SeenIdentifiers.add", all_near)):
        check()


def far_ahead() -> None:
    """A record as far ahead of its arrival as it may be is taken; one further is refused and moves nothing."""
    ahead = clicks().streams["web.click"].ahead
    simulated = of_clicks([click("a", 0), click("b", APPENDED + ahead + 1 - T0), click("c", 1)])
    simulated.drain()
    source = simulated.task.sources[TOPIC]
    assert (source.fates["invalid"], source.fates["aggregated"], source.fates["late"]) == (1, 2, 0)
    assert source.watermark == T0
    allowed = of_clicks([click("b", APPENDED + ahead - T0)])
    allowed.drain()
    assert allowed.task.sources[TOPIC].watermark == APPENDED + ahead - 1


def test_rule_18_a_time_far_ahead_of_its_arrival_moves_nothing() -> None:
    def unbounded(stream: Stream, raws: Sequence[bytes | None], appended: Sequence[int]) -> Decoded:
        return RecordDecoder(stream.model_copy(update={"ahead": 2**60})).decode(raws, appended)

    far_ahead()
    with broken(("kpi.tasks.intake.decode", unbounded)):
        far_ahead()
