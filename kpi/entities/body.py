"""The body of an entity: its states, compiled to vectors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from kpi.entities.histories import Histories, Integers, Mask
from kpi.entities.kinds import Kind, compiled
from kpi.entities.limits import Limit
from kpi.entities.pauses import Pauses
from kpi.entities.records import lane_field
from kpi.entities.signals import Signals
from kpi.entities.states.by_lane import ByLane
from kpi.entities.states.episodes import Episode, Episodes
from kpi.entities.states.holdings import Latest, Spans
from kpi.entities.states.lanes import Lanes
from kpi.entities.states.moments import First, FirstOfAll, FirstUnless, Last, Moments, Settable
from kpi.entities.states.openings import Openings
from kpi.entities.states.pairs import Pairing, Pairs
from kpi.entities.states.stages import Course, Visits
from kpi.formulas import names_in
from schemas.entities import Contribution, Entity
from schemas.states import State

Carried = Callable[[str], Integers]
"""By row, the number that stands for the value of a carried field; equal numbers are equal values."""


class Body:
    """The states of an entity. Their bits are those of `signals`."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.signals = Signals(entity.of)
        self.states: dict[str, Kind] = {}
        self._bits: dict[str, int] = {}
        for name in _declared_before(entity):
            first = self.signals.count
            after = self.states.get(_after(entity, name) or "")
            self.states[name] = compiled(entity.states[name], self.signals.add, after)
            self._bits[name] = (1 << self.signals.count) - (1 << first)
        self.pauses = Pauses(entity, self.states)
        fields = {field for state in entity.states.values() for field in state.carrying}
        fields |= {lane_field(state.per) for state in entity.states.values() if state.per is not None}
        self.fields: tuple[str, ...] = tuple(sorted(fields))
        self.remembers_beginnings = any(isinstance(kind, Settable) for kind in self.states.values())
        waits = [state.within or state.lasting or 0 for state in entity.states.values()]
        waits += [kind.lookback for kind in self.states.values() if isinstance(kind, Openings)]
        self.longest = max(waits)
        """The longest time, in milliseconds, for which a state looks back, but for the life of its key."""

        self.read_by_each = {
            name: self._beside(one for one in entity.contributions.values() if one.each == name)
            for name in entity.states
        }
        """By state, the other states that contributions of `each` of it read."""

        self.read_by_bounded = {
            name: self._beside(one for one in entity.contributions.values() if one.level == name and one.is_bounded)
            for name in entity.states
        }
        """By state, the other states that contributions of its bounded level read."""

    def _beside(self, contributions: Iterable[Contribution]) -> tuple[str, ...]:
        named = {name for one in contributions for sql in expressions_of(one) for name in names_in(sql)}
        named |= {f"{one.after}_time" for name, one in self.entity.deadlines.items() if name in named}
        return tuple(name for name, one in self.entity.states.items() if one.stays and named & offered(name, one))

    def moments(self, histories: Histories, carried: Carried, limit: Limit) -> dict[str, Moments]:
        """The states that are one moment of a life."""
        found: dict[str, Moments] = {}
        for name, kind in self.states.items():
            if isinstance(kind, FirstUnless | FirstOfAll):
                found[name] = kind.of(histories, self._lane(name, histories, carried))
            elif isinstance(kind, Last):
                found[name] = kind.of(histories, self._until(name, kind, histories, limit))
            elif isinstance(kind, First | Settable) and not self.entity.states[name].is_by_lane:
                found[name] = kind.of(histories)
        return found

    def _until(self, name: str, kind: Last, histories: Histories, limit: Limit) -> Integers | None:
        by = self.entity.states[name].by
        return limit(by, histories, kind.after.of(histories).row) if by is not None else None

    def _lane(self, name: str, histories: Histories, carried: Carried) -> Integers:
        per = self.entity.states[name].per
        return carried(lane_field(per)) if per is not None else np.zeros(histories.rows, np.int64)

    def _apart(self, name: str, histories: Histories, carried: Carried) -> ByLane:
        """What the state is read from: the lanes of the histories, where it is by lane."""
        if not self.entity.states[name].is_by_lane:
            return ByLane(histories)
        return ByLane.of(histories, self._lane(name, histories, carried))

    def lane_moments(self, name: str, histories: Histories, carried: Carried) -> Moments:
        """A state that is one moment in each lane; `row`: those records by which it is set."""
        kind, apart = self.states[name], self._apart(name, histories, carried)
        if not isinstance(kind, First | Settable):
            raise TypeError(f"state {name!r} is not set by lane")
        moments = kind.of(apart.histories)
        return Moments(apart.back(moments.row[moments.row >= 0]), apart.back(moments.reversals))

    def spans(self, name: str, histories: Histories, carried: Carried) -> Spans:
        """The spans of a state that is held."""
        kind = self.states[name]
        if isinstance(kind, Lanes):
            carrying = self.entity.states[name].carrying
            values = _together([carried(field) for field in carrying], histories.rows)
            return kind.spans(histories, self._lane(name, histories, carried), values)
        if isinstance(kind, Episode | Latest):
            apart = self._apart(name, histories, carried)
            spans = kind.spans(apart.histories)
            return replace(spans, start=apart.back(spans.start))
        raise TypeError(f"state {name!r} is not held")

    def episodes(self, name: str, histories: Histories, carried: Carried) -> tuple[Episodes, Integers]:
        """The episodes of a state of kind `enter`, and for each the record that follows it, NO_ROW without one."""
        kind, apart = self.states[name], self._apart(name, histories, carried)
        if not isinstance(kind, Episode):
            raise TypeError(f"state {name!r} has no episodes")
        found = kind.episodes(apart.histories)
        ender = apart.back(found.ender)
        return replace(found, row=apart.back(found.row), ender=ender), kind.follows(histories, ender)

    def visits(self, name: str, histories: Histories, carried: Carried) -> Visits:
        """The stages of a state of kind `stages`."""
        kind, apart = self.states[name], self._apart(name, histories, carried)
        if not isinstance(kind, Course):
            raise TypeError(f"state {name!r} has no stages")
        visits = kind.of(apart.histories)
        return replace(visits, row=apart.back(visits.row))

    def pairs(self, name: str, histories: Histories, carried: Carried) -> Pairs:
        """The pairs of a state of kind `opens`."""
        kind, apart = self.states[name], self._apart(name, histories, carried)
        if isinstance(kind, Openings):
            pairs = kind.of(apart.histories, self._taking(name, apart, carried))
        elif isinstance(kind, Pairing):
            pairs = kind.of(apart.histories)
        else:
            raise TypeError(f"state {name!r} is no pair")
        rows = (pairs.opened, pairs.closed, pairs.closings, pairs.opening)
        return Pairs(*map(apart.back, rows))

    def _taking(self, name: str, apart: ByLane, carried: Carried) -> Integers:
        """The lanes in which records take others back."""
        if self.entity.states[name].is_by_lane:
            return np.zeros(apart.histories.rows, np.int64)
        return self._lane(name, apart.histories, carried)

    def needed(self, histories: Histories, horizon: int, carried: Carried, limit: Limit) -> tuple[Integers, Mask]:
        """Of rows older than the horizon: the signals that the states still depend on, and which rows to keep for them
        or for how a lane began.
        """
        masks: dict[str, Mask] = {}
        begins = np.zeros(histories.rows, bool)
        for name, kind in self.states.items():
            apart = self._apart(name, histories, carried)
            if isinstance(kind, Settable) and apart.rows is not None:
                begins |= apart.starts()
            if isinstance(kind, Lanes | FirstOfAll):
                mask = kind.needed(histories, self._lane(name, histories, carried))
            elif isinstance(kind, Last):
                mask = kind.needed(histories, self._until(name, kind, histories, limit))
            elif isinstance(kind, FirstUnless):
                mask = kind.needed(histories, horizon, self._lane(name, histories, carried))
            elif isinstance(kind, Openings):
                mask = apart.mask(kind.needed(apart.histories, horizon, self._taking(name, apart, carried)))
            elif isinstance(kind, Episode):
                found, enders = kind.needed(apart.histories, horizon)
                mask = apart.mask(found)
                followers = kind.follows(histories, apart.back(enders))
                mask[followers[followers >= 0]] = True
            else:
                mask = apart.mask(kind.needed(apart.histories, horizon))
            masks[name] = mask
        paused = self.pauses.needed(histories, masks, lambda name: self.spans(name, histories, carried))
        masks |= {name: masks[name] | mask for name, mask in paused.items()}
        signals = np.zeros(histories.rows, np.int64)
        for name, mask in masks.items():
            signals |= np.where(mask, histories.signals & self._bits[name], 0)
        return signals, (signals != 0) | begins


def expressions_of(contribution: Contribution) -> list[str]:
    """All expressions that a contribution is made of."""
    moments = (contribution.at, contribution.from_, contribution.until)
    sqls = (*moments, contribution.value, contribution.where, contribution.currency)
    return [sql for sql in (*sqls, *contribution.dimensions.values()) if sql is not None]


def offered(name: str, state: State) -> set[str]:
    """The names under which contributions read a state that is one moment."""
    return {f"{name}_time", *(f"{name}_{field}" for field in state.carrying)}


def _after(entity: Entity, name: str) -> str | None:
    """The state that one comes after, also by way of a deadline."""
    state = entity.states[name]
    return entity.deadlines[state.by].after if state.by is not None else state.after


def _declared_before(entity: Entity) -> list[str]:
    """The states, each after the one that it comes after."""
    ordered: list[str] = []
    waiting = list(entity.states)
    while waiting:
        ready = [name for name in waiting if _after(entity, name) in (None, *ordered)]
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
