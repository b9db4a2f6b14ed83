"""What is valid but cannot be counted goes to the dead letters; what another definition left is left alone."""

import polars as pl

from kpi.accepting.countable import hindrances
from schemas.kpis import Catalogue
from schemas.states import State
from schemas.streams import Stream
from schemas.wire import EntityBlock, Rows
from services.runtime.catalogue import load
from tests.property.core.simulation import Simulated

T0 = 1_767_261_600_000
DEAL = dict.fromkeys(("customer_id", "rep_id", "team", "stage", "currency", "segment", "region"), "x")


def deal(number: int, **changes: object) -> dict[str, object]:
    event = {"id": str(number), "time": T0 + number, "deal_id": "D2", "action": "won", "amount_minor": 100, **DEAL}
    return {**event, **changes}


def run(catalogue: Catalogue, log: list[dict[str, object]], partition: int) -> Simulated:
    return Simulated(catalogue, "deal", partition, "sales.deal.v1", log)


def home(catalogue: Catalogue) -> int:
    """The partition of deal D2: where nothing is moved."""
    for partition in range(4):
        simulated = run(catalogue, [deal(1)], partition)
        simulated.drain()
        progress = simulated.progress()
        assert progress is not None
        if progress.topics["sales.deal.v1"].fates["aggregated"]:
            return partition
    raise AssertionError("no partition is D2's")


def test_corrections_and_sums_that_would_overflow_are_not_counted() -> None:
    catalogue = load([], packs=["sales"])
    partition = home(catalogue)
    log = [deal(1), deal(2, corrects="1"), deal(3, voids="1"), deal(4, amount_minor=2**62)]
    simulated = run(catalogue, log, partition)
    simulated.task.take("sales.deal.v1", simulated.batch(0, 4))
    flush = simulated.task.flush(0)
    assert flush is not None
    assert [(dead.offset, dead.pointer) for dead in flush.dead] == [
        (1, "/corrects"),
        (2, "/voids"),
        (3, "/amount_minor"),
    ]
    fates = simulated.task.sources["sales.deal.v1"].fates
    assert (fates["invalid"], fates["aggregated"], sum(fates.values())) == (3, 1, 4)


def test_a_correction_names_one_other_event() -> None:
    corrects, voids = ["x", None, "c", "x", None, None], ["y", None, None, None, "e", "x"]
    records = pl.DataFrame({"id": list("abcdef"), "corrects": corrects, "voids": voids})
    stream = Stream.model_validate({"stream": "unit.test", "fields": {"team": "string?"}})

    def hindered(corrections: int | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for hindrance in hindrances(stream.model_copy(update={"corrections": corrections})):
            for name in records.filter(hindrance.holds)["id"]:
                found.setdefault(name, hindrance.reason)
        return found

    assert {name: reason.split()[0] for name, reason in hindered(1).items()} == {
        "a": "corrects",
        "c": "corrects",
        "e": "voids",
    }
    undeclared = hindered(None)
    assert undeclared.keys() == set("acdef")
    assert all("declare `corrections`" in reason for reason in undeclared.values())


def test_another_definition_of_an_entity_starts_anew() -> None:
    catalogue = load([], packs=["sales"])
    partition = home(catalogue)
    simulated = run(catalogue, [deal(1), deal(2, action="reverted")], partition)
    simulated.take(1)
    simulated.flush()
    groups = {record.group for record in simulated.settled().values() if isinstance(record, Rows)}
    entity = catalogue.entities["deal"]
    won = entity.states["won"].model_copy(update={"within": 3_600_000})
    assert isinstance(won, State)
    changed = entity.model_copy(update={"states": {**entity.states, "won": won}})
    simulated.catalogue = catalogue.model_copy(update={"entities": {**catalogue.entities, "deal": changed}})
    simulated.plan = run(simulated.catalogue, [], partition).plan
    assert any(isinstance(record, EntityBlock) and record.body for record in simulated.settled().values())
    simulated.start()
    assert simulated.task.entity_count == 0
    simulated.drain()
    before = {k: v for k, v in simulated.settled().items() if isinstance(v, Rows) and v.group in groups}
    assert all(row.flush == 1 for row in before.values())
    assert {r.group for r in simulated.settled().values() if isinstance(r, Rows)} - groups


def test_the_same_title_changes_nothing() -> None:
    catalogue = load([], packs=["sales"])
    entity = catalogue.entities["deal"].model_copy(update={"title": "Another title"})
    renamed = catalogue.model_copy(update={"entities": {**catalogue.entities, "deal": entity}})
    assert run(catalogue, [], 0).plan.groups.keys() == run(renamed, [], 0).plan.groups.keys()
