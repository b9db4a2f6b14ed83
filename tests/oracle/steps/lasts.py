"""A state of kind `last`: what is said last within a time after something."""

from collections.abc import Callable

from tests.oracle.events import Event
from tests.oracle.steps.sets import Sets, Slot

When = Callable[[Event], object]


def _never(_: Event) -> bool:
    return False


class Word:
    """What it comes after, and the last that was said."""

    __slots__ = ("event", "since")

    def __init__(self) -> None:
        self.since = Slot()
        self.event: Event | None = None

    @property
    def after(self) -> Event | None:
        """The event that it comes after, while that stands."""
        return None if self.since.cleared else self.since.event


class Lasts:
    """`sets`, `clears`, `reversible`: of what it comes after. `until`: of that, up to when it is looked for."""

    fresh = Word

    def __init__(
        self, when: When, *, until: Callable[[Event], int], sets: When, clears: When = _never, reversible: int = 0
    ) -> None:
        self._when, self._until = when, until
        self._since = Sets(sets, clears, within=reversible)

    def step(self, state: Word, event: Event) -> None:
        """Takes the next record."""
        before = state.after
        self._since.step(state.since, event)
        after = state.after
        if after is not before:
            state.event = None
        if after is not None and self._when(event) and event.time <= self._until(after):
            state.event = event
