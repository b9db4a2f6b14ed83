"""A state of kind `while` with `per`: what is said of each value stands until it is said anew."""

from collections import Counter
from collections.abc import Callable, Hashable

from tests.oracle.events import Event
from tests.oracle.steps.holdings import Edge

When = Callable[[Event], object]


class Said:
    """What stands and is true, by value; of how many values it is, by what tells them apart, and since which event."""

    __slots__ = ("counts", "edges", "since", "true")

    def __init__(self) -> None:
        self.true: dict[str | None, Event] = {}
        self.counts: Counter[Hashable] = Counter()
        self.since: dict[Hashable, Event] = {}
        self.edges: list[Edge] = []

    def all_edges(self, until: int | None) -> list[Edge]:
        """With those that end it at `until`, where nothing more is heard."""
        if until is None:
            return self.edges
        return [*self.edges, *((until, -1, event) for event in self.since.values())]


class Statements:
    """`each`: held for each value by itself; otherwise once for all values whose records carry the same."""

    fresh = Said

    def __init__(self, when: When, per: str, *, each: bool = False, carrying: tuple[str, ...] = ()) -> None:
        self._when, self._per, self._each, self._carrying = when, per, each, carrying

    def step(self, state: Said, event: Event) -> None:
        """Takes the next record."""
        of, time = event.fields[self._per], event.time
        for replaced in list(state.true) if of is None else (of, None):
            before = state.true.pop(replaced, None)
            if before is not None:
                self._end(state, self._apart(replaced, before), time)
        if self._when(event):
            state.true[of] = event
            apart = self._apart(of, event)
            state.counts[apart] += 1
            if state.counts[apart] == 1:
                state.since[apart] = event
                state.edges.append((time, 1, event))

    def _apart(self, of: str | None, event: Event) -> Hashable:
        values = tuple(event.fields[name] for name in self._carrying)
        return (of, values) if self._each else values

    @staticmethod
    def _end(state: Said, apart: Hashable, time: int) -> None:
        state.counts[apart] -= 1
        if not state.counts[apart]:
            state.edges.append((time, -1, state.since.pop(apart)))
