"""Rule 8: forget only what cannot be told from fresh for every event at or after the horizon. Done is not enough."""

from collections.abc import Mapping

import numpy as np
import pytest

from kpi.entities.blocks import Column
from kpi.entities.histories import Histories, Integers, Mask
from kpi.entities.keeping import Keeping
from kpi.entities.settling import Settling
from kpi.entities.states.pairs import Pairing
from tests.property.rules.breaking import broken
from tests.property.rules.desk import at, settled_at_once, values
from tests.property.rules.leads import converted_at, created, won

REPLIED = 2
"""The bit of a record that sets `replied`, the second predicate of the body."""
SETTLE = Keeping.settle
BEGINS = Settling._begins


def a_reply_to_a_ticket_that_was_done() -> None:
    """Forgotten at 10, the ticket would be answered a second time at 16."""
    log = [
        at(0, "1", "opened"),
        at(0, "2", "replied"),
        at(10, "3", "note", "b"),
        at(14, "4", "replied"),
        at(15, "5", "opened"),
        at(16, "6", "replied"),
    ]
    assert values(settled_at_once("response", log, 0), "response") == [(0, ("north", "north"), 0)]


def a_silence(again: int) -> int:
    """How many times a ticket is answered that is heard of again then."""
    log = [at(0, "1", "opened"), at(0, "2", "replied"), at(again, "3", "opened"), at(again + 1, "4", "replied")]
    return len(values(settled_at_once("response", log, 0), "response"))


def an_opening_long_ago() -> None:
    heard = [at(15 * n + (key == "b"), f"{key}{n}", "note", key) for n in range(1, 5) for key in "ab"]
    log = [at(0, "1", "opened"), *heard, at(70, "9", "replied")]
    assert values(settled_at_once("response", log, 0), "response") == [(70, ("north", "north"), 70)]


def without_the_done(
    keeping: Keeping, places: Integers, owner: Integers, columns: Mapping[str, Column], due: Integers
) -> None:
    stays = ~np.isin(owner, owner[(columns["signals"] & REPLIED) != 0])
    SETTLE(keeping, places, owner[stays], {name: column[stays] for name, column in columns.items()}, due)


def by_age_alone(
    keeping: Keeping, places: Integers, owner: Integers, columns: Mapping[str, Column], due: Integers
) -> None:
    """An entity is let go so long after it began, however lately it was heard of."""
    first = np.full(len(places), np.iinfo(np.int64).max)
    np.minimum.at(first, owner, columns["time"])
    newest = int(columns["time"].max(initial=-(2**62)))
    stays = first[owner] >= newest - 20
    SETTLE(keeping, places, owner[stays], {name: column[stays] for name, column in columns.items()}, due)


def without_silence(settling: Settling, owner: Integers, time: Integers, flags: Column) -> Mask:
    """A key that is silent goes on as if it were not, until it happens to be forgotten."""
    return BEGINS(settling, owner, time.clip(0, 0), flags)


def test_done_is_not_forgotten() -> None:
    a_reply_to_a_ticket_that_was_done()
    with broken(("kpi.entities.keeping.Keeping.settle", without_the_done)):
        a_reply_to_a_ticket_that_was_done()


@pytest.mark.parametrize(("again", "lives"), [(20, 1), (21, 2)])
def test_a_key_that_was_silent_for_longer_than_declared_starts_anew(again: int, lives: int) -> None:
    assert a_silence(again) == lives


def test_a_silence_that_counts_only_once_the_key_is_forgotten_is_found() -> None:
    assert a_silence(21) == 2
    with broken(("kpi.entities.settling.Settling._begins", without_silence)):
        assert a_silence(21) == 2


def test_what_is_silent_is_forgotten() -> None:
    log = [at(0, "1", "opened"), at(0, "2", "replied"), at(21, "3", "note", "b")]
    assert len(settled_at_once("response", log, 0).store) == 1


def test_an_opening_long_ago_is_not_forgotten_while_the_key_is_heard_of() -> None:
    an_opening_long_ago()
    with broken(("kpi.entities.keeping.Keeping.settle", by_age_alone)):
        an_opening_long_ago()


def test_a_pair_is_not_forgotten_while_it_can_be_closed() -> None:
    """Won exactly at the end of the time in which that belongs to the lead, when the horizon is there already."""
    needed = Pairing.needed

    def check() -> None:
        passed = [created(15, "2", "b"), won(15, "3", "b")]
        assert converted_at(created(0, "1"), *passed, won(15, "4")) == [(0, 1), (15, 1)]

    def one_too_soon(pairing: Pairing, past: Histories, horizon: int) -> Mask:
        return needed(pairing, past, horizon + 1)

    check()
    with broken(("kpi.entities.states.pairs.Pairing.needed", one_too_soon)):
        check()
