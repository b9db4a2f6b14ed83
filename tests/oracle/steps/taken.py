"""Records that others take back: those that still stand."""

from collections.abc import Callable

from tests.oracle.events import Event

When = Callable[[Event], object]
Placed = list[Event]
"""What stands, in order."""


class Taken:
    """A record of `when` stands until one of `unless`, of the same value of `per`, at most `within` later."""

    def __init__(self, when: When, unless: When, per: str, within: int) -> None:
        self._when, self._unless, self._per, self._within = when, unless, per, within

    @staticmethod
    def fresh() -> Placed:
        """Nothing stands."""
        return []

    def step(self, state: Placed, event: Event) -> None:
        """Takes the next record."""
        if self._unless(event):
            lane = event.fields[self._per]
            state[:] = [one for one in state if one.fields[self._per] != lane or event.time - one.time > self._within]
        elif self._when(event):
            state.append(event)
