"""Rule 16: what is said of an event has its own time, takes effect at that of its target, and only so long after it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from kpi.accepting.corrections import TimesOf, judge_corrections
from kpi.entities.blocks import Column
from kpi.entities.corrections import Standing, standing
from kpi.entities.events import EventStore
from kpi.entities.histories import Integers
from kpi.entities.records import VOID
from kpi.entities.store import EntityStore
from tests.oracle.events import Event
from tests.property.rules.breaking import broken
from tests.property.rules.desk import AMENDED, at, settled_at_once, values
from tests.property.rules.shop import minutes, of_orders, order, stepped

HORIZON = 12
"""How long after an event of this body others may name it."""
FORGET = EventStore.forget
FORGET_ENTITIES = EntityStore.forget
OPENED, REPLIED = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
NORTH = [(4, ("north",), 4)]


def said(time: int, id_: str, **named: Any) -> Event:
    return at(time, id_, "replied" if "corrects" in named else "note", stream=AMENDED, **named)


def responses(*log: Event) -> list[tuple[int, tuple[Any, ...], int]]:
    return values(settled_at_once("amended", log, 2), "response")


def a_void_later_than_the_lateness() -> None:
    replied, other = at(0, "2", "replied", stream=AMENDED), at(3, "3", "opened", "b", stream=AMENDED)
    assert responses(OPENED, replied, other, said(3, "4", voids="2")) == []


def a_void_up_to_the_horizon() -> None:
    assert responses(OPENED, REPLIED, said(4 + HORIZON, "3", voids="2")) == []
    assert responses(OPENED, REPLIED, said(5 + HORIZON, "3", voids="2")) == NORTH


def a_correction_at_the_time_of_its_target() -> None:
    assert responses(OPENED, REPLIED, said(9, "3", corrects="2", team="south")) == [(4, ("south",), 4)]


def a_void_is_not_voided() -> None:
    assert responses(OPENED, REPLIED, said(5, "3", voids="2"), said(6, "4", voids="3")) == []


def the_last_correction() -> None:
    first, last = said(6, "4", corrects="2", team="south"), said(6, "5", corrects="2")
    assert responses(OPENED, REPLIED, last, first) == NORTH


def a_void_is_final() -> None:
    assert responses(OPENED, REPLIED, said(6, "3", voids="2"), said(6, "5", corrects="2")) == []


def an_opening_takes_its_reply_along() -> None:
    again = at(2, "3", "opened", stream=AMENDED)
    assert responses(OPENED, again, REPLIED, said(5, "4", voids="1")) == [(4, ("north",), 2)]


def by_the_lateness(store: EntityStore, horizon: int) -> None:
    """Events are kept for the lateness alone."""
    FORGET_ENTITIES(store, horizon + (store._corrections or 0))


def for_ever(owner: Integers, columns: Mapping[str, Column], _: int) -> Standing:
    """Whatever was in time is heard."""
    return standing(owner, columns, 2**61)


def at_their_own_time(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    found = standing(owner, columns, horizon)
    return Standing(found.values, found.values, found.target)


def voids_voided(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    """A void that another one names says nothing of its target any more."""
    void = (columns["flags"] & VOID) != 0
    named = set(zip(owner[void].tolist(), columns["target"][void].tolist(), strict=True))
    gone = void & [which in named for which in zip(owner.tolist(), columns["own"].tolist(), strict=True)]
    return standing(owner, {**columns, "target": np.where(gone, np.uint64(0), columns["target"])}, horizon)


def the_first_one(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    """Of several corrections the first one stays."""
    named = standing(owner, columns, horizon).target
    first = [place < 0 or row == int(np.flatnonzero(named == place)[0]) for row, place in enumerate(named)]
    unsaid = {**columns, "target": np.where(first, columns["target"], np.uint64(0))}
    found = standing(owner, unsaid, horizon)
    said = columns["target"][found.row] != 0
    return Standing(found.row[~said], found.values[~said], named)


def over_a_void(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    """A correction brings back what was voided before."""
    named = standing(owner, columns, horizon).target
    void = (columns["flags"] & VOID) != 0
    corrected = named[~void & (named >= 0)]
    undone = void & np.isin(named, corrected)
    return standing(owner, {**columns, "target": np.where(undone, np.uint64(0), columns["target"])}, horizon)


def by_themselves(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    """A void takes back nothing but a reply: what else follows from its target stays."""
    opens = (columns["signals"] & 1) != 0
    spared = np.isin(columns["target"], columns["own"][opens])
    return standing(owner, {**columns, "target": np.where(spared, np.uint64(0), columns["target"])}, horizon)


STANDING = "kpi.entities.settling.standing"
WEAKER: list[tuple[Callable[[], None], str, object]] = [
    (a_void_later_than_the_lateness, "kpi.entities.store.EntityStore.forget", by_the_lateness),
    (a_void_up_to_the_horizon, STANDING, for_ever),
    (a_correction_at_the_time_of_its_target, STANDING, at_their_own_time),
    (a_void_is_not_voided, STANDING, voids_voided),
    (the_last_correction, STANDING, the_first_one),
    (a_void_is_final, STANDING, over_a_void),
    (an_opening_takes_its_reply_along, STANDING, by_themselves),
]


@pytest.mark.parametrize(("check", "place", "variant"), WEAKER, ids=[check.__name__ for check, *_ in WEAKER])
def test_of_entities(check: Callable[[], None], place: str, variant: object) -> None:
    check()
    with broken((place, variant)):
        check()


def of_events() -> None:
    """A lateness of 2 and 10 minutes in which an order may be voided; its void comes after others have passed it."""
    log = [order("1", 0, 5), order("2", 4), order("3", 4, voids="1")]
    assert minutes(stepped(of_orders(log)), "orders") == {4: (1, 1)}


def of_events_at_the_end() -> None:
    exactly = [order("1", 0, 5), order("2", 10), order("3", 10, voids="1")]
    assert minutes(stepped(of_orders(exactly)), "orders") == {10: (1, 1)}
    beyond = [order("1", 0, 5), order("2", 11), order("3", 11, voids="1")]
    simulated = stepped(of_orders(beyond))
    assert minutes(simulated, "orders") == {0: (1, 5), 11: (1, 1)}
    assert simulated.task.sources[simulated.topic].fates["late"] == 1


def test_of_events_themselves() -> None:
    def by_the_lateness(store: EventStore, horizon: int) -> None:
        FORGET(store, horizon + store._horizon)

    of_events()
    with broken(("kpi.entities.events.EventStore.forget", by_the_lateness)):
        of_events()
    of_events_at_the_end()

    def all_heard(accepted: pl.DataFrame, _: int, times_of: TimesOf) -> tuple[pl.DataFrame, ...]:
        return judge_corrections(accepted, 2**61, times_of)

    with broken(("kpi.entities.events.standing", for_ever), ("kpi.tasks.intake.judge_corrections", all_heard)):
        of_events_at_the_end()
