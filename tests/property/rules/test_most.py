"""The records beyond what one key may have: told by the log, never by batches or by what was forgotten when."""

from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from kpi.entities.histories import Mask
from kpi.entities.store import EntityStore
from kpi.tasks.task import TOO_MANY
from tests.oracle.events import Arrival, Event
from tests.property.bodies.catalogue import declared
from tests.property.bodies.engine import Driven, frame
from tests.property.core.simulation import Simulated
from tests.property.rules.breaking import broken
from tests.property.rules.desk import AMENDED, TICKET, accepted, at
from tests.property.rules.shop import DECLARATIONS, TICKETS, loaded, ticket

REFUSED = EntityStore._refused
MOST = 3
LOG = [(0, "a"), (1, "a"), (2, "a"), (3, "a"), (6, "b"), (6, "a"), (7, "a"), (7, "a"), (9, "a"), (12, "b"), (12, "a")]
BEYOND = [3, 7]
"""At 3 those at 0, 1 and 2 can still be out of order; at 7, when the horizon is at 2, those at 2, 6 and 7."""
CUTS: list[list[int]] = [[], [3], [4, 5], [2, 7, 8], list(range(1, len(LOG)))]


def beyond(cuts: list[int], *, forgets: bool) -> list[int]:
    """The places of the refused records."""
    found = accepted([at(time, f"{place:02}", "note", key) for place, (time, key) in enumerate(LOG)], 5)
    entity = declared().entities["response"].model_copy(update={"most": MOST})
    driven, refused = Driven("response", found, entity=entity), []
    for start, stop in pairwise([0, *cuts, len(LOG)]):
        records = frame(driven.streams[TICKET], found[start:stop], start)
        refused += driven.store.apply(TICKET, records).refused
        if forgets:
            driven.store.forget(found[stop - 1].horizon)
    return refused


def all_ways() -> None:
    for cuts in CUTS:
        for forgets in (False, True):
            assert sorted(beyond(cuts, forgets=forgets)) == BEYOND


def by_the_batch(store: EntityStore, stream: str, records: pl.DataFrame, *keys: Any) -> Mask:
    """As many as are at or after the horizon at the end of the batch."""
    return REFUSED(store, stream, records.with_columns(pl.col("horizon").last()), *keys)


def by_what_is_held(store: EntityStore, stream: str, records: pl.DataFrame, *keys: Any) -> Mask:
    """As many as have not been settled yet."""
    return REFUSED(store, stream, records.with_columns(pl.lit(-(2**62)).alias("horizon")), *keys)


@pytest.mark.parametrize("variant", [by_the_batch, by_what_is_held])
def test_a_key_has_at_most_so_many_records_that_can_be_out_of_order(variant: object) -> None:
    all_ways()
    with broken(("kpi.entities.store.EntityStore._refused", variant)):
        all_ways()


@pytest.mark.parametrize("batch", [1, 2, 5, 12])
def test_what_is_beyond_goes_to_the_dead_letters(batch: int) -> None:
    """With a lateness of 6 minutes that at 6 finds those at 0, 1 and 2, and that at 7 those at 1, 2 and 7."""
    catalogue = loaded(DECLARATIONS.replace("forget_after: 20m", f"forget_after: 20m\nmost: {MOST}"))
    log = [ticket(f"{place:02}", time, "note", key) for place, (time, key) in enumerate(LOG)]
    simulated = Simulated(catalogue, "ticket", 0, TICKETS, log)
    dead = []
    for _ in range(0, len(log), batch):
        simulated.take(batch)
        flush = simulated.task.flush(0)
        dead += flush.dead if flush is not None else []
    assert [(letter.offset, letter.reason) for letter in dead] == [(place, TOO_MANY) for place in (3, 5, 7)]
    fates = simulated.task.sources[TICKETS].fates
    assert (fates["invalid"], fates["aggregated"]) == (3, len(log) - 3)


@pytest.mark.parametrize("forgets", [False, True])
def test_what_is_said_of_others_fills_a_key_until_the_horizon_alone(forgets: bool) -> None:
    """Voids whose event never came are let go of at the horizon: whether that was done already must not be told."""
    voids = [at(0, f"{place:02}", "note", stream=AMENDED, voids=f"none {place}") for place in range(20)]
    later = [at(6, "20", "note", "b", stream=AMENDED), at(6, "21", "note", stream=AMENDED)]
    found = accepted([*voids, *later], 5)
    entity = declared().entities["amended"].model_copy(update={"most": 18})
    driven, refused = Driven("amended", found, entity=entity), []
    for start, stop in ((0, 21), (21, 22)):
        refused += driven.store.apply(AMENDED, frame(driven.streams[AMENDED], found[start:stop], start)).refused
        if forgets:
            driven.store.forget(found[stop - 1].horizon)
    assert refused == [18, 19]


def test_the_streams_of_a_join_are_counted_by_themselves() -> None:
    """In what order they arrive beside each other is not in the log."""
    entity = declared().entities["lead"].model_copy(update={"most": 1})
    fields = {"lead_id": "a", "action": "created", "region": "east", "deal_id": "d", "score": 1}
    found = [
        Arrival(Event(time, False, "", str(time), ("a",), stream, {**fields, "action": action}), -50)
        for time, stream, action in ((0, "trade.lead", "created"), (1, "trade.deal", "won"))
    ]
    driven = Driven("lead", found, entity=entity)
    driven.take(2)
    again = frame(driven.streams["trade.deal"], [found[1]._replace(event=found[1].event._replace(id="more"))], 2)
    assert driven.store.apply("trade.deal", again).refused == [2]


def test_a_backfill_has_no_limit() -> None:
    entity = declared().entities["response"].model_copy(update={"most": 1})
    streams = {TICKET: declared().streams[TICKET]}
    found = accepted([at(time, f"{time:02}", "note", "a") for time in range(5)], 5)
    for limited, refused in ((True, [1, 2, 3, 4]), (False, [])):
        store = EntityStore("t", entity, streams, declared().targets, definition="d", limited=limited)
        assert store.apply(TICKET, frame(streams[TICKET], found, 0)).refused == refused
