"""The automaton of an entity: what its records, in order, make of its states.

An entity is a list of episodes; a key that is silent for more than `forget_after` starts a new one. The fold is a
pure function of the records in their total order (time, source, id), so the result is a batch job's by construction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.entities import Entity

Carried = tuple[Any, ...]


class Event(NamedTuple):
    """What an entity keeps of a record. The order of the fields is the total order within an entity.

    `signals`: a bit for each predicate of the entity's states. `values`: the fields that any state carries.
    """

    time: int
    source: str
    id: str
    signals: int
    values: Carried


class Slot(NamedTuple):
    """A state that is set: since when, with what.

    `cleared`: withdrawn again; `reversed`: it stays, and stays reversed.
    """

    time: int
    values: Carried
    cleared: bool = False
    reversed: bool = False


class Edge(NamedTuple):
    """A change of a level, or a reversal (`change` 0)."""

    state: str
    time: int
    change: int
    values: Carried


@dataclass(slots=True)
class Episode:
    """One life of a key: the time of its last record, and its states that are set."""

    last: int
    slots: dict[str, Slot] = field(default_factory=dict)


@dataclass(slots=True)
class Folded:
    """The outcome: episodes, and the edges and reversals of the records just folded."""

    episodes: list[Episode]
    edges: list[Edge]
    reversals: list[Edge]


@dataclass(frozen=True, slots=True)
class _StateRule:
    name: str
    kind: str
    on: int
    off: int
    after: str | None
    within: int
    carried: tuple[int, ...]


class Automaton:
    """The states of an entity, compiled to bits.

    `predicates`: SQL expressions, in bit order; `carried`: the fields kept.
    """

    def __init__(self, entity: Entity) -> None:
        self.forget_after = entity.forget_after
        self.carried: tuple[str, ...] = tuple(
            sorted({name for state in entity.states.values() for name in state.carrying})
        )
        self.predicates: list[str] = []
        self._rules: list[_StateRule] = []
        for name, state in entity.states.items():
            on = self._bit(state.first or state.set or state.enter or "")
            other = state.clear or state.leave
            off = self._bit(other) if other else 0
            kind = "first" if state.first else "set" if state.set else "level"
            carried = tuple(self.carried.index(field_name) for field_name in state.carrying)
            self._rules.append(_StateRule(name, kind, on, off, state.after, state.within or 0, carried))
        self.levels = frozenset(rule.name for rule in self._rules if rule.kind == "level")

    def _bit(self, predicate: str) -> int:
        self.predicates.append(predicate)
        return 1 << (len(self.predicates) - 1)

    def fold(self, settled: Sequence[Episode], events: Iterable[Event]) -> Folded:
        """The episodes after `events` (in order) on top of `settled`, which is left as it is."""
        episodes = list(settled)
        folded = Folded(episodes, [], [])
        for event in events:
            if episodes and event.time - episodes[-1].last <= self.forget_after:
                current = Episode(event.time, dict(episodes[-1].slots))
                episodes[-1] = current
                fresh = False
            else:
                current = Episode(event.time)
                episodes.append(current)
                fresh = True
            if event.signals:
                for rule in self._rules:
                    if event.signals & (rule.on | rule.off):
                        self._step(rule, current.slots, event, fresh, folded)
        return folded

    @staticmethod
    def _step(rule: _StateRule, slots: dict[str, Slot], event: Event, fresh: bool, folded: Folded) -> None:
        values = tuple(event.values[place] for place in rule.carried)
        sets = bool(event.signals & rule.on)
        if rule.kind == "first":
            _first(rule, slots, Slot(event.time, values))
        elif rule.kind == "level":
            _level(rule, slots, Slot(event.time, values), folded, enters=sets)
        elif sets:
            if (slot := slots.get(rule.name)) is None or slot.cleared:
                slots[rule.name] = Slot(event.time, values)
        else:
            _clear(rule, slots, Slot(event.time, values), folded, fresh=fresh)


def _first(rule: _StateRule, slots: dict[str, Slot], arrived: Slot) -> None:
    if rule.name not in slots and (rule.after is None or rule.after in slots):
        slots[rule.name] = arrived


def _level(rule: _StateRule, slots: dict[str, Slot], arrived: Slot, folded: Folded, *, enters: bool) -> None:
    held = slots.get(rule.name)
    if enters and held is None:
        slots[rule.name] = arrived
        folded.edges.append(Edge(rule.name, arrived.time, 1, arrived.values))
    elif not enters and held is not None:
        del slots[rule.name]
        folded.edges.append(Edge(rule.name, arrived.time, -1, held.values))


def _clear(rule: _StateRule, slots: dict[str, Slot], arrived: Slot, folded: Folded, *, fresh: bool) -> None:
    held = slots.get(rule.name)
    reversal = Edge(rule.name, arrived.time, 0, arrived.values)
    if held is None:
        # What was set may have been forgotten; a key that is known to have set nothing has nothing to reverse.
        if fresh:
            slots[rule.name] = arrived._replace(cleared=True)
            folded.reversals.append(reversal)
    elif not (held.cleared or held.reversed):
        if arrived.time - held.time <= rule.within:
            slots[rule.name] = held._replace(cleared=True)
        else:
            slots[rule.name] = held._replace(reversed=True)
            folded.reversals.append(reversal)
