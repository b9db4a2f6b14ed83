"""A state of kind `latest`: each record replaces the one before."""

from collections.abc import Callable

from tests.oracle.events import Event
from tests.oracle.steps.holdings import Edge

When = Callable[[Event], object]


class Replaced:
    """The record that stands, and the edges of those before."""

    __slots__ = ("edges", "event")

    def __init__(self) -> None:
        self.event: Event | None = None
        self.edges: list[Edge] = []


class Latest:
    """`lasting`: how long a record stands, where no other replaces it; None: as long as the key lives."""

    fresh = Replaced

    def __init__(self, when: When, *, lasting: int | None = None) -> None:
        self._when, self._lasting = when, lasting

    def step(self, state: Replaced, event: Event) -> None:
        """Takes the next record."""
        if self._when(event):
            if (before := state.event) is not None:
                end = event.time if self._lasting is None else min(event.time, before.time + self._lasting)
                state.edges.append((end, -1, before))
            state.edges.append((event.time, 1, event))
            state.event = event

    def all_edges(self, state: Replaced, until: int | None) -> list[Edge]:
        """With the one that ends the record that stands, if nothing more is heard."""
        if (event := state.event) is None:
            return []
        ends = [
            end for end in (until, None if self._lasting is None else event.time + self._lasting) if end is not None
        ]
        return [*state.edges, (min(ends), -1, event)] if ends else state.edges
