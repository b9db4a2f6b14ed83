"""Records that are valid, and odd: without a field of the key, with a day or a time zone that there is not."""

import polars as pl
import pytest

from kpi.accepting.partitioning import partitions_of
from kpi.entities.deadlines import deadline_expressions
from kpi.planning import plan
from kpi.tasks.task import Task
from schemas.entities import Entity
from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Arrival, Event
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import tally
from tests.property.core.simulation import Simulated
from tests.property.rules.desk import AMENDED, TICKET, accepted, at, of_order
from tests.property.rules.shop import DECLARATIONS, ORDERS, T0, TICKETS, loaded, of_orders, order, ticket


def test_a_record_without_a_field_of_the_key_is_of_no_entity() -> None:
    log = accepted([of_order(0, "1", "placed", 5), of_order(1, "2", "placed", 7, key="p")], 5)
    keyless = log[0].event._replace(id="3", fields={**log[0].event.fields, "order_id": None})
    driven, plain = (Driven("order", each) for each in ([log[0], Arrival(keyless, log[0].horizon), log[1]], log))
    driven.take(3)
    plain.take(2)
    assert driven.signed == plain.signed
    assert len(driven.store) == len(plain.store) == 2
    alone = Driven("order", [Arrival(keyless, log[0].horizon)])
    alone.take(1)
    assert (alone.signed, len(alone.store)) == ([], 0)


def test_records_of_two_streams_may_have_the_same_id() -> None:
    """Which comes first in the log does not matter, and what voids the one leaves the other."""
    fields = {"lead_id": "a", "region": "east", "score": 3}
    lead = Event(SECOND_DAY, False, "s", "1", ("a",), "trade.lead", {**fields, "action": "created"})
    deal = Event(SECOND_DAY, False, "s", "1", ("a",), "trade.deal", {**fields, "deal_id": "d", "action": "won"})
    found = []
    for log in ([lead, deal], [deal, lead]):
        driven = Driven("lead", [Arrival(event, SECOND_DAY - 5) for event in log])
        driven.take(1)
        driven.take(1)
        found.append(tally(driven.signed))
    assert found[0] == found[1]
    both = Entity.model_validate(
        {
            "entity": "both",
            "of": {TICKET: "ticket_id", AMENDED: "ticket_id"},
            "forget_after": "1m",
            "states": {"opened": {"first": {TICKET: "action = 'opened'"}}},
            "contributions": {"opened": {"at": "opened_time"}},
        }
    )
    said = [
        at(0, "1", "opened"),
        at(1, "1", "note", stream=AMENDED),
        at(2, "2", "note", stream=AMENDED, voids="1"),
    ]
    driven = Driven("both", [Arrival(event, SECOND_DAY - 5) for event in said], entity=both)
    driven.take(3)
    assert [(signed.time, signed.sign) for signed in driven.signed] == [(SECOND_DAY, 1)]


@pytest.mark.parametrize("kind", ["string?", "int64"])
def test_keys_that_are_absent_or_numbers_are_taken(kind: str) -> None:
    text = DECLARATIONS.replace("ticket_id: string", f"ticket_id: {kind}").replace("partitions: 1", "partitions: 2", 1)
    catalogue = loaded(text)
    log = [{**ticket(f"{number}", number, "opened"), "ticket_id": number} for number in range(8)]
    if kind == "string?":
        log = [{key: value for key, value in event.items() if key != "ticket_id"} for event in log]
    simulated = Simulated(catalogue, "ticket", 0, TICKETS, log)
    simulated.take(len(log))
    flush = simulated.task.flush(0)
    assert flush is not None
    here = (partitions_of(pl.Series([str(number) for number in range(8)]), "murmur2", 2) == 0).to_list()
    moved = [] if kind == "string?" else [str(number) for number in range(8) if not here[number]]
    assert [record.key for record in flush.moved] == moved
    assert simulated.task.entity_count == (0 if kind == "string?" else sum(here))


@pytest.mark.parametrize(
    ("day", "zone"), [(253_402_214_400_000, "UTC"), (T0, "Europ/Berlin"), (T0, ""), (T0, "Europe"), (None, "UTC")]
)
def test_a_deadline_at_no_day_is_none(day: int | None, zone: str) -> None:
    entity = Entity.model_validate(
        {
            "entity": "order",
            "of": {"shop.order": "order_id"},
            "forget_after": "30d",
            "states": {"placed": {"first": "true", "carrying": ["promised", "zone"]}},
            "deadlines": {"promise": {"after": "placed", "day": "promised", "zone": "zone"}},
            "contributions": {"kept": {"at": "promise"}},
        }
    )
    lives = pl.DataFrame({"placed_promised": [day, T0], "placed_zone": [zone, "Europe/Berlin"]})
    found = lives.select(deadline_expressions(entity, {}, {}))["promise"].to_list()
    assert found == [None, T0 + 23 * 3_600_000 - 1]


def test_events_that_were_kept_without_a_field_that_is_counted_now_are_there_without_it() -> None:
    """What counts that field is as new as that; what voids one of them is heard."""
    before = of_orders([order("1", 0), order("2", 1, voids="1")])
    before.take(1)
    before.flush()
    text = DECLARATIONS.replace("fields: {amount: int32}", "fields: {amount: int32, market: 'int32?'}")
    catalogue = loaded(text.replace("aggregate: sum, value: amount", "aggregate: sum, value: amount + market"))
    planned = plan(catalogue)
    after = Task(catalogue, planned, planned.units["shop.order"], 0, "later")
    after.restore(before.settled().values())
    after.remember(ORDERS, before.batch(0, 1))
    after.take(ORDERS, before.batch(1, 2))
    flush = after.flush(0)
    assert flush is not None
    assert not flush.late
    assert after.sources[ORDERS].fates["correction"] == 1


def test_events_that_were_not_kept_for_a_while_begin_anew() -> None:
    """Corrections are declared, then not, then again: of what was kept before nothing is known for sure any more."""
    kept, plain = loaded(DECLARATIONS), loaded(DECLARATIONS.replace("corrections: 10m\n", ""))
    simulated = of_orders([order("1", 0), order("2", 1), order("3", 2), order("4", 3, voids="1")])
    for catalogue in (kept, plain, kept, kept):
        simulated.catalogue, simulated.plan = catalogue, plan(catalogue)
        simulated.start()
        simulated.take(1)
        simulated.flush()
    progress = simulated.progress()
    assert progress is not None
    assert progress.consolidated == {"shop.order/0 shop.order": 2}
    assert {fate: n for fate, n in progress.topics[ORDERS].fates.items() if n} == {"aggregated": 3, "late": 1}
