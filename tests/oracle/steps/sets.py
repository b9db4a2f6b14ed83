"""A state of kind `set` with `clear`."""

from collections.abc import Callable

from tests.oracle.events import Event

When = Callable[[Event], object]


class Slot:
    """The event that set it; whether that was withdrawn, or reversed too late for it; reversals in their own right."""

    __slots__ = ("cleared", "event", "heard", "reversals", "reversed")

    def __init__(self) -> None:
        self.event: Event | None = None
        self.heard = self.cleared = self.reversed = False
        self.reversals: list[Event] = []


class Sets:
    """`within`: how long after it was set it can be cleared."""

    fresh = Slot

    def __init__(self, sets: When, clears: When, *, within: int) -> None:
        self._sets, self._clears, self._within = sets, clears, within

    def step(self, state: Slot, event: Event) -> None:
        """Takes the next record."""
        held = state.event
        if self._sets(event):
            if held is None or state.cleared:
                state.event, state.cleared, state.reversed = event, False, False
        elif self._clears(event):
            if held is None:
                if not state.heard:  # what it set may be forgotten
                    state.event, state.cleared = event, True
                    state.reversals.append(event)
            elif not (state.cleared or state.reversed):
                if event.time - held.time <= self._within:
                    state.cleared = True
                else:
                    state.reversed = True
                    state.reversals.append(event)
        state.heard = True
