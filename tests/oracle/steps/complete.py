"""What is set when all lanes that were opened are done."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.oracle.events import Event

When = Callable[[Event], object]


@dataclass
class Waited:
    """Which lanes are waited for, which are done, and the record with which none was waited for any more."""

    waiting: set[object] = field(default_factory=set)
    done: set[object] = field(default_factory=set)
    event: Event | None = None


class Awaited:
    """The first record of `when` at which every lane `per` that had one of `for_all` has had one of `when`."""

    def __init__(self, when: When, for_all: When, per: str) -> None:
        self._when, self._for_all, self._per = when, for_all, per

    @staticmethod
    def fresh() -> Waited:
        """Nothing is waited for."""
        return Waited()

    def step(self, state: Waited, event: Event) -> None:
        """Takes the next record."""
        lane = event.fields[self._per]
        if self._when(event):
            state.done.add(lane)
        elif self._for_all(event):
            state.waiting.add(lane)
        if self._when(event) and state.event is None and state.waiting <= state.done:
            state.event = event
