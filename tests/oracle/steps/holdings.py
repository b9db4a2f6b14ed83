"""A state of kind `enter` with `leave` and `renew`: its holdings, and the episodes that they make."""

from collections.abc import Callable
from typing import Protocol

from tests.oracle.events import Event

When = Callable[[Event], object]
Edge = tuple[int, int, Event]
"""Time, +1 or -1, and the event that began the holding."""


class Episode:
    """`ended`: None while held. `times`: how often it was entered. `event`: what began its last holding."""

    __slots__ = ("ended", "event", "started", "times")

    def __init__(self, event: Event) -> None:
        self.started, self.event = event.time, event
        self.ended: int | None = None
        self.times = 1


class Held:
    """The event that began the holding that lasts."""

    __slots__ = ("edges", "episodes", "event")

    def __init__(self) -> None:
        self.event: Event | None = None
        self.edges: list[Edge] = []
        self.episodes: list[Episode] = []

    def all_edges(self, until: int | None) -> list[Edge]:
        """With the one that ends it at `until`, where nothing more is heard."""
        if self.event is None or until is None:
            return self.edges
        return [*self.edges, (until, -1, self.event)]


class Edged(Protocol):
    """A state that is held at times."""

    edges: list[Edge]


def apart_from(start: int, end: int, *held: Edged) -> int:
    """The milliseconds from `start` to `end` in which none of them is held."""

    def is_held(one: Edged, time: int) -> bool:
        return sum(sign for at, sign, _ in one.edges if at <= time) > 0

    apart = sum(not any(is_held(one, time) for one in held) for time in range(min(start, end), max(start, end)))
    return apart if start <= end else -apart


def _never(_: Event) -> bool:
    return False


class Holdings:
    """`within`: how far apart two holdings of one episode are, at most; None: each is one."""

    fresh = Held

    def __init__(self, enters: When, leaves: When, *, renews: When = _never, within: int | None = None) -> None:
        self._enters, self._leaves, self._renews, self._within = (
            enters,
            leaves,
            renews,
            -1 if within is None else within,
        )

    def step(self, state: Held, event: Event) -> None:
        """Takes the next record."""
        held = state.event
        if held is None:
            if self._enters(event):
                state.event = event
                state.edges.append((event.time, 1, event))
                self._begin(state.episodes, event)
        elif self._leaves(event) and not self._enters(event):
            state.edges.append((event.time, -1, held))
            state.event, state.episodes[-1].ended = None, event.time
        elif self._renews(event):
            state.edges += [(event.time, -1, held), (event.time, 1, event)]
            state.event = state.episodes[-1].event = event

    def _begin(self, episodes: list[Episode], event: Event) -> None:
        if episodes:
            last = episodes[-1]
            if last.ended is not None and event.time - last.ended <= self._within:
                last.ended, last.event, last.times = None, event, last.times + 1
                return
        episodes.append(Episode(event))
