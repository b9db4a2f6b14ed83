"""The body of an entity: its states, compiled to vectors."""

from collections.abc import Callable, Sequence

import numpy as np

from kpi.entities.histories import Histories, Integers, Mask
from kpi.entities.signals import Signals
from kpi.entities.states.holdings import Holding, Latest, Spans
from kpi.entities.states.lanes import Lanes
from kpi.entities.states.moments import First, FirstUnless, Moments, Settable
from kpi.entities.states.pairs import Pairing
from kpi.entities.states.stages import Course
from schemas.entities import Entity, Predicate, State

Carried = Callable[[str], Integers]
"""By row, the number that stands for the value of a carried field; equal numbers are equal values."""

Kind = First | FirstUnless | Settable | Holding | Latest | Lanes | Pairing | Course


class Body:
    """The states of an entity. Their bits are those of `signals`."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.signals = Signals(entity.of)
        self.states: dict[str, Kind] = {}
        self._bits: dict[str, int] = {}
        for name in _declared_before(entity):
            first = self.signals.count
            self.states[name] = self._compiled(name, entity.states[name])
            self._bits[name] = (1 << self.signals.count) - (1 << first)
        fields = {field for state in entity.states.values() for field in state.carrying}
        fields |= {state.per for state in entity.states.values() if state.per is not None}
        self.fields: tuple[str, ...] = tuple(sorted(fields))
        self.remembers_beginnings = any(isinstance(kind, Settable) for kind in self.states.values())
        waits = [state.within or state.lasting or 0 for state in entity.states.values()]
        self.longest = max(waits)
        """The longest time, in milliseconds, for which a state looks back, but for the life of its key."""

    def _compiled(self, name: str, state: State) -> Kind:
        add, within = self.signals.add, state.within or 0
        kind: Kind
        if state.first is not None and state.unless is not None:
            kind = FirstUnless(add(state.first), add(state.unless), within)
        elif state.first is not None:
            after = self.states[state.after] if state.after is not None else None
            if not isinstance(after, First | Settable | None):
                raise ValueError(f"state {name!r}: after names a state of kind first or set")
            kind = First(add(state.first), after)
        elif state.set is not None:
            kind = Settable(add(state.set), add(state.clear), within)
        elif state.enter is not None:
            kind = Holding(add(state.enter), add(state.leave), add(state.renew), state.within)
        elif state.latest is not None:
            kind = Latest(add(state.latest), state.lasting)
        elif state.opens is not None:
            kind = Pairing(add(state.opens), add(state.closes), within)
        elif state.stages:
            kind = Course(tuple(map(add, state.stages.values())), add(state.won), add(state.lost), within)
        else:
            held = state.while_ or ""
            says: Predicate = "true" if isinstance(held, str) else dict.fromkeys(held, "true")
            kind = Lanes(add(says), add(held), united=not state.each)
        return kind

    def moments(self, histories: Histories, carried: Carried) -> dict[str, Moments]:
        """The states that are one moment of a life."""
        found: dict[str, Moments] = {}
        for name, kind in self.states.items():
            if isinstance(kind, First | Settable):
                found[name] = kind.of(histories)
            elif isinstance(kind, FirstUnless):
                found[name] = kind.of(histories, self._lane(name, histories, carried))
        return found

    def _lane(self, name: str, histories: Histories, carried: Carried) -> Integers:
        per = self.entity.states[name].per
        return carried(per) if per is not None else np.zeros(histories.rows, np.int64)

    def spans(self, name: str, histories: Histories, carried: Carried) -> Spans:
        """The spans of a state that is held."""
        kind = self.states[name]
        if isinstance(kind, Lanes):
            carrying = self.entity.states[name].carrying
            values = _together([carried(field) for field in carrying], histories.rows)
            return kind.spans(histories, self._lane(name, histories, carried), values)
        if isinstance(kind, Holding | Latest):
            return kind.spans(histories)
        raise TypeError(f"state {name!r} is not held")

    def needed(self, histories: Histories, horizon: int, carried: Carried) -> tuple[Integers, Mask]:
        """Of rows older than the horizon: the signals that the states still depend on, and which rows to keep for them
        or for the length of a silence.
        """
        signals = np.zeros(histories.rows, np.int64)
        for name, kind in self.states.items():
            if isinstance(kind, Lanes):
                mask = kind.needed(histories, self._lane(name, histories, carried))
            elif isinstance(kind, FirstUnless):
                mask = kind.needed(histories, horizon, self._lane(name, histories, carried))
            else:
                mask = kind.needed(histories, horizon)
            signals |= np.where(mask, histories.signals & self._bits[name], 0)
        return signals, signals != 0


def _declared_before(entity: Entity) -> list[str]:
    """The states, each after the one that it comes after."""
    ordered: list[str] = []
    waiting = list(entity.states)
    while waiting:
        ready = [name for name in waiting if entity.states[name].after in (None, *ordered)]
        if not ready:
            raise ValueError(f"{entity.entity}: after goes in a circle, or names no state: {', '.join(waiting)}")
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def _together(columns: Sequence[Integers], count: int) -> Integers:
    """By row, a number for each combination of values."""
    together = np.zeros(count, np.int64)
    for column in columns:
        _, codes = np.unique(column, return_inverse=True)
        _, together = np.unique(together * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
    return together
