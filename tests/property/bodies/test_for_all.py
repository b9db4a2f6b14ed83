"""What lanes wait for, and what they have had, is kept until none waits any more."""

from tests.oracle.events import Event
from tests.property.bodies.test_taken_back import arrival, settled_before_the_last


def event(number: int, time: int, order: str, action: str) -> Event:
    """A record of one customer, on the second day."""
    return arrival(number, 86_400_000 + time, order, action, 0).event


def complete(*log: Event, horizon: int = 10) -> list[tuple[str, int, int]]:
    return settled_before_the_last("complete", log, horizon)


def test_what_waits_is_remembered() -> None:
    placed = [event(0, 0, "one", "placed"), event(1, 1, "two", "placed")]
    assert complete(*placed, event(2, 10, "two", "note")) == []
    assert complete(*placed, event(2, 2, "two", "note"), event(3, 11, "one", "note")) == [("complete", 11, 1)]


def test_what_is_done_is_remembered() -> None:
    log = [event(0, 0, "one", "placed"), event(1, 1, "two", "placed"), event(2, 2, "one", "note")]
    assert complete(*log, event(3, 10, "one", "placed")) == []
    assert complete(*log, event(3, 10, "two", "cancelled")) == [("complete", 10, 1)]


def test_what_is_complete_stays_so() -> None:
    log = [event(0, 0, "one", "placed"), event(1, 1, "one", "note")]
    assert complete(*log, event(2, 10, "two", "placed")) == [("complete", 1, 1)]
    assert complete(*log, event(2, 3, "two", "placed"), event(3, 10, "two", "note")) == [("complete", 1, 1)]
