"""A state of kind `while` with `per`: what is said of each value stands until it is said anew."""

from collections.abc import Callable

from tests.oracle.events import Event
from tests.oracle.steps.holdings import Edge

When = Callable[[Event], object]


class Said:
    """Of which values it holds, with the event since which it does."""

    __slots__ = ("edges", "holding", "true")

    def __init__(self) -> None:
        self.true: set[str | None] = set()
        self.holding: dict[str | None, Event] = {}
        self.edges: list[Edge] = []

    def all_edges(self, until: int | None) -> list[Edge]:
        """With those that end it at `until`, where nothing more is heard."""
        if until is None:
            return self.edges
        return [*self.edges, *((until, -1, event) for event in self.holding.values())]


class Statements:
    """`each`: held for each value by itself; otherwise while it holds of one of them."""

    fresh = Said

    def __init__(self, when: When, per: str, *, each: bool = False) -> None:
        self._when, self._per, self._each = when, per, each

    def step(self, state: Said, event: Event) -> None:
        """Takes the next record."""
        of, true = event.fields[self._per], state.true
        held = frozenset(true)
        if of is None:
            true.clear()
        else:
            true.discard(None)
            true.discard(of)
        if self._when(event):
            true.add(of)
        if self._each:
            for gone in held - true:
                self._end(state, gone, event.time)
            for come in true - held:
                self._begin(state, come, event)
        elif held and not true:
            self._end(state, None, event.time)
        elif true and not held:
            self._begin(state, None, event)

    @staticmethod
    def _begin(state: Said, of: str | None, event: Event) -> None:
        state.holding[of] = event
        state.edges.append((event.time, 1, event))

    @staticmethod
    def _end(state: Said, of: str | None, time: int) -> None:
        state.edges.append((time, -1, state.holding.pop(of)))
