"""Rule 17: after the reversal horizon what a reversal does follows from it alone: its amount, dimensions and date."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kpi.entities.histories import Histories
from kpi.entities.states.moments import Moments, Settable
from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Event
from tests.oracle.steps.entity import Signed
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import Tally, tally
from tests.property.rules.breaking import broken
from tests.property.rules.desk import accepted, of_order, settled_at_once

OF = Settable.of
WITHIN, FORGET_AFTER = 12, 30


def counted(time: int, amount: int, sign: int, market: str = "home") -> Signed:
    return Signed("orders", SECOND_DAY + time, ("c", market), amount, sign)


def settled_and_not(*log: Event) -> Tally:
    """What stands, settled at every step; and it is the same where nothing ever is."""
    found = tally(settled_at_once("order", log, 0).signed)
    never = Driven("order", accepted(log, 0))
    never.take(len(log))
    assert tally(never.signed) == found
    return found


PLACED = of_order(0, "1", "placed", 5)


def within_the_horizon() -> None:
    """Up to its end a reversal withdraws, whatever it says itself."""
    other = of_order(WITHIN, "0", "note", 0, key="p")
    assert settled_and_not(PLACED, other, of_order(WITHIN, "2", "cancelled", 7, "abroad")) == {}


def after_the_horizon() -> None:
    """Later it counts by itself, whether the order is remembered or not."""
    for later in (WITHIN + 1, FORGET_AFTER, FORGET_AFTER + 1, 2 * FORGET_AFTER):
        other = of_order(later, "0", "note", 0, key="p")
        found = settled_and_not(PLACED, other, of_order(later, "2", "cancelled", 7, "abroad"))
        assert found == tally([counted(0, 5, 1), counted(later, 7, -1, "abroad")])


def of_what_was_never_seen() -> None:
    assert settled_and_not(of_order(3, "2", "cancelled", 7)) == tally([counted(3, 7, -1)])


def twice_in_a_life() -> None:
    """Said again of the same order it is no other reversal; after a silence it is one, as of an unknown order."""
    first, again = of_order(WITHIN + 1, "2", "cancelled", 7), of_order(WITHIN + 2, "3", "cancelled", 7)
    assert settled_and_not(PLACED, first, again) == tally([counted(0, 5, 1), counted(WITHIN + 1, 7, -1)])
    late = WITHIN + 2 + FORGET_AFTER
    once_more = settled_and_not(PLACED, first, of_order(late, "4", "cancelled", 7))
    assert once_more == tally([counted(0, 5, 1), counted(WITHIN + 1, 7, -1), counted(late, 7, -1)])


def withdrawing(settable: Settable, histories: Histories) -> Moments:
    """A reversal withdraws whenever what it reverses is still there."""
    return OF(replace(settable, within=2**61), histories)


def never_alone(settable: Settable, histories: Histories) -> Moments:
    """A reversal whose life it begins is passed over."""
    found = OF(settable, histories)
    begins = histories.starts[histories.life[found.reversals]] == found.reversals
    return Moments(found.row, found.reversals[~begins])


def none_at_all(settable: Settable, histories: Histories) -> Moments:
    """What was set for so long stays, and nothing is said against it."""
    found = OF(settable, histories)
    return Moments(found.row, found.reversals[:0])


def every_one(settable: Settable, histories: Histories) -> Moments:
    """Each record that clears is a reversal, whatever came before."""
    found = OF(settable, histories)
    return Moments(found.row, histories.where(settable.off).nonzero()[0])


def never_by_itself(settable: Settable, histories: Histories) -> Moments:
    """No time is too short to count by itself."""
    return OF(replace(settable, within=WITHIN - 1), histories)


WEAKER: list[tuple[Callable[[], None], Callable[[Settable, Histories], Moments]]] = [
    (within_the_horizon, never_by_itself),
    (after_the_horizon, withdrawing),
    (after_the_horizon, none_at_all),
    (of_what_was_never_seen, never_alone),
    (twice_in_a_life, every_one),
]


@pytest.mark.parametrize(("check", "variant"), WEAKER)
def test_what_a_reversal_does_follows_from_itself(
    check: Callable[[], None], variant: Callable[[Settable, Histories], Moments]
) -> None:
    check()
    with broken(("kpi.entities.states.moments.Settable.of", variant)):
        check()
