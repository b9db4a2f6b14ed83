"""A state of kind `opens` with `every`: pairs that overlap, and records that take back."""

from collections.abc import Callable, Hashable

from tests.oracle.events import Event

When = Callable[[Event], object]


def _never(_: Event) -> bool:
    return False


class Opened:
    """One pair. `takes`: what closes it, in order, and still stands."""

    __slots__ = ("event", "takes")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.takes: list[Event] = []

    @property
    def closed(self) -> Event | None:
        """What closed it first."""
        return self.takes[0] if self.takes else None


class Open:
    """The pairs that stand, and the closings that do, in order."""

    __slots__ = ("closings", "pairs")

    def __init__(self) -> None:
        self.pairs: list[Opened] = []
        self.closings: list[Event] = []


class Openings:
    """`within`: how long after its opening a pair takes records, of any kind; a closing is taken back as long after.

    `per`: which records one that takes back is about.
    """

    fresh = Open

    def __init__(
        self,
        opens: When,
        closes: When,
        *,
        within: int,
        unless: When = _never,
        unclosed: When = _never,
        per: Callable[[Event], Hashable] = lambda _: None,
    ) -> None:
        self._opens, self._closes, self._within = opens, closes, within
        self._unless, self._unclosed, self._per = unless, unclosed, per

    def step(self, state: Open, event: Event) -> None:
        """Takes the next record."""
        if self._unless(event):
            state.pairs = [one for one in state.pairs if not self._taken(one.event, event)]
        if self._unclosed(event):
            state.closings = [one for one in state.closings if not self._taken(one, event)]
            for pair in self._running(state, event):
                pair.takes = [one for one in pair.takes if self._per(one) != self._per(event)]
        if self._unless(event) or self._unclosed(event):
            return
        if self._opens(event):
            state.pairs.append(Opened(event))
        elif self._closes(event):
            state.closings.append(event)
            for pair in self._running(state, event):
                pair.takes.append(event)

    def opening(self, state: Open, closing: Event) -> Event | None:
        """The pair that a closing belongs to: the last one that was open."""
        running = [one.event for one in state.pairs if one.event.order < closing.order]
        return running[-1] if running and closing.time - running[-1].time <= self._within else None

    def _running(self, state: Open, event: Event) -> list[Opened]:
        return [one for one in state.pairs if event.time - one.event.time <= self._within]

    def _taken(self, one: Event, by: Event) -> bool:
        return self._per(one) == self._per(by) and by.time - one.time <= self._within
