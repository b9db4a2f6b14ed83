"""The states of kind `first` of one life."""

from collections.abc import Callable, Mapping

from tests.oracle.events import Event

When = Callable[[Event], object]
Set = dict[str, Event]
"""The event that set each state."""


class Firsts:
    """`states`: name to (what sets it, the state that must have been set by an earlier record)."""

    def __init__(self, states: Mapping[str, tuple[When, str | None]]) -> None:
        self._rules = [(name, when, after) for name, (when, after) in states.items()]

    @staticmethod
    def fresh() -> Set:
        """Nothing is set."""
        return {}

    def step(self, state: Set, event: Event) -> None:
        """Takes the next record."""
        for name, when, after in self._rules:
            if name in state or not when(event):
                continue
            if after is None or state.get(after, event) is not event:
                state[name] = event
