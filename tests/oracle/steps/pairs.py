"""A state of kind `opens` with `closes`."""

from collections.abc import Callable

from tests.oracle.events import Event

When = Callable[[Event], object]


class Pairs:
    """Pairs of (what opened it, what closed it first), and the closing records, each with the opening of its pair."""

    __slots__ = ("closings", "pairs")

    def __init__(self) -> None:
        self.pairs: list[tuple[Event, Event | None]] = []
        self.closings: list[tuple[Event, Event | None]] = []


class Pairing:
    """`within`: how long after its opening a pair takes records."""

    fresh = Pairs

    def __init__(self, opens: When, closes: When, *, within: int) -> None:
        self._opens, self._closes, self._within = opens, closes, within

    def step(self, state: Pairs, event: Event) -> None:
        """Takes the next record."""
        pairs = state.pairs
        running = pairs and event.time - pairs[-1][0].time <= self._within
        if self._opens(event):
            if not running:
                pairs.append((event, None))
        elif self._closes(event):
            if running:
                opening, closed = pairs[-1]
                if closed is None:
                    pairs[-1] = (opening, event)
                state.closings.append((event, opening))
            else:
                state.closings.append((event, None))
