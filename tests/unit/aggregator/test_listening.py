"""Silence is counted from when somebody listened: not while the process stood still, nor while no broker answered."""

from services.aggregator.listening import DEAF_SECONDS
from tests.unit.aggregator.keeping import CALLS, HeldFlow, Keeping


def listened(keeping: Keeping, start: int, stop: int, *, answered: bool = True) -> None:
    """A check each second, and as often an answer of the broker."""
    for now in range(start, stop):
        if answered:
            keeping.flow.answers[CALLS] = now
        keeping.listening.check(float(now))


def test_silence_goes_on_while_the_broker_answers() -> None:
    keeping = Keeping(HeldFlow())
    listened(keeping, 0, 100)
    assert keeping.owned.heard[CALLS.topic] == 0.0


def test_who_stood_still_has_heard_nothing() -> None:
    keeping = Keeping(HeldFlow())
    listened(keeping, 0, 100)
    assert keeping.listening.listens(99.0 + DEAF_SECONDS)
    assert not keeping.listening.listens(500.0)
    listened(keeping, 500, 600)
    assert keeping.owned.heard[CALLS.topic] == 500.0


def test_a_broker_that_answers_nothing_says_nothing_of_silence() -> None:
    keeping = Keeping(HeldFlow())
    listened(keeping, 0, 100)
    listened(keeping, 100, 200, answered=False)
    assert keeping.owned.heard[CALLS.topic] == 199.0
    listened(keeping, 200, 300)
    assert keeping.owned.heard[CALLS.topic] == 199.0


def test_silence_begins_with_the_first_answer() -> None:
    keeping = Keeping(HeldFlow())
    listened(keeping, 0, 100, answered=False)
    listened(keeping, 100, 200)
    assert keeping.owned.heard[CALLS.topic] == 99.0
