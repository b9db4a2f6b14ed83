"""A state of kind `enter` with `drop`, `counting` and `followed`."""

from collections.abc import Callable, Mapping

from tests.oracle.events import Event
from tests.oracle.steps.holdings import Edge

When = Callable[[Event], object]


def _never(_: Event) -> bool:
    return False


class Spell:
    """One episode. `ended`: None while held. `event`: what began its last holding. `gap`: counted since its end."""

    __slots__ = ("counts", "ended", "event", "followed", "gap", "started")

    def __init__(self, event: Event, names: Mapping[str, When]) -> None:
        self.started, self.event = event.time, event
        self.ended: int | None = None
        self.followed = False
        self.counts = dict.fromkeys(names, 0)
        self.gap = dict.fromkeys(names, 0)


class Spells:
    """The episodes that are not dropped; the last one while it is held; the edges of all holdings."""

    __slots__ = ("edges", "held", "spells")

    def __init__(self) -> None:
        self.spells: list[Spell] = []
        self.held: Spell | None = None
        self.edges: list[Edge] = []

    def all_edges(self, until: int | None) -> list[Edge]:
        """With the one that ends it at `until`, where nothing more is heard."""
        return self.edges if self.held is None or until is None else [*self.edges, (until, -1, self.held.event)]


class Episodes:
    """`within`: how far apart two holdings of one episode are, at most; None: each is one."""

    fresh = Spells

    def __init__(
        self,
        enters: When,
        leaves: When,
        *,
        drops: When,
        counting: Mapping[str, When],
        renews: When = _never,
        follows: When = _never,
        within: int | None = None,
    ) -> None:
        self._enters, self._leaves, self._renews, self._drops = enters, leaves, renews, drops
        self._counting, self._follows = counting, follows
        self._within = -1 if within is None else within

    def step(self, state: Spells, event: Event) -> None:
        """Takes the next record."""
        if state.held is not None:
            self._while_held(state, state.held, event)
            return
        last = state.spells[-1] if state.spells else None
        if last is not None and event.time - int(str(last.ended)) > self._within:
            last = None
        if self._enters(event):
            if last is None:
                last = Spell(event, self._counting)
                state.spells.append(last)
            state.held = last
            last.event, last.ended, last.followed = event, None, False
            state.edges.append((event.time, 1, event))
            self._count(last.gap, event)
            last.counts = {name: count + last.gap[name] for name, count in last.counts.items()}
        elif last is not None and self._drops(event):
            state.spells.remove(last)
        elif last is not None:
            self._count(last.gap, event)
            last.followed |= bool(self._follows(event))

    def hear(self, state: Spells, event: Event) -> None:
        """What is said in another lane follows, and does no more."""
        if state.held is None and state.spells:
            last = state.spells[-1]
            if event.time - int(str(last.ended)) <= self._within:
                last.followed |= bool(self._follows(event))

    def _while_held(self, state: Spells, held: Spell, event: Event) -> None:
        self._count(held.counts, event)
        if self._enters(event):
            return
        if self._drops(event) or self._leaves(event):
            state.edges.append((event.time, -1, held.event))
            held.ended, held.gap, state.held = event.time, dict.fromkeys(self._counting, 0), None
            if self._drops(event):
                state.spells.remove(held)
        elif self._renews(event):
            state.edges += [(event.time, -1, held.event), (event.time, 1, event)]
            held.event = event

    def _count(self, counts: dict[str, int], event: Event) -> None:
        for name, when in self._counting.items():
            counts[name] += bool(when(event))
