"""The entities of one task: what changes when records arrive, and what may be forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kpi.entities.contributions import Contributions
from kpi.entities.fold import Automaton, Edge, Episode, Event, Slot
from schemas.entities import Entity, NamedTarget
from schemas.streams import Stream
from schemas.wire import EntityRow


@dataclass(slots=True)
class Held:
    """One entity: episodes settled by records older than the horizon, and the sorted tail of younger ones."""

    settled: list[Episode] = field(default_factory=list)
    tail: list[Event] = field(default_factory=list)


class EntityStore:
    """Every live entity of a task. Dates are event time in epoch milliseconds."""

    def __init__(
        self, task: str, entity: Entity, stream: Stream, targets: dict[str, NamedTarget], *, definition: str
    ) -> None:
        self._task, self._entity, self._definition = task, entity, definition
        self._automaton = Automaton(entity)
        self._contributions = Contributions(entity, stream, self._automaton, targets)
        self._held: dict[str, Held] = {}  # in order of the last touch, so that the silent ones come first
        self._dirty: set[str] = set()
        self._key = entity.of[stream.stream]
        signals = [
            pl.when(pl.sql_expr(predicate)).then(1 << bit).otherwise(0)
            for bit, predicate in enumerate(self._automaton.predicates)
        ]
        self._selected = [
            pl.col(self._key),
            pl.col("time"),
            pl.col("source"),
            pl.col("id"),
            pl.sum_horizontal(signals).cast(pl.Int64).alias("__signals"),
            *map(pl.col, self._automaton.carried),
        ]

    def __len__(self) -> int:
        return len(self._held)

    def apply(self, accepted: pl.DataFrame, horizon: int) -> dict[str, pl.DataFrame]:
        """Folds accepted records; the signed differences by contribution (old withdrawn, new added).

        `horizon`: watermark - lateness; no record before it can be accepted any more, so what is older settles.
        """
        arrived: dict[str, list[Event]] = {}
        for key, time, source, identifier, signals, *values in accepted.select(self._selected).iter_rows():
            arrived.setdefault(key, []).append(Event(time, source, identifier, signals, tuple(values)))
        episodes: list[tuple[int, Episode]] = []
        reversals: list[tuple[int, Edge]] = []
        edges: list[tuple[int, Edge]] = []
        for key, events in arrived.items():
            held = self._held.pop(key, None) or Held()
            self._collect(held, -1, episodes, reversals, edges)
            held.tail = sorted([*held.tail, *events], key=lambda event: event[:3])
            self._collect(held, 1, episodes, reversals, edges)
            self._settle(held, horizon)
            self._held[key] = held
            self._dirty.add(key)
        return {**self._contributions.of_episodes(episodes, reversals), **self._contributions.of_edges(edges)}

    def _collect(
        self,
        held: Held,
        sign: int,
        episodes: list[tuple[int, Episode]],
        reversals: list[tuple[int, Edge]],
        edges: list[tuple[int, Edge]],
    ) -> None:
        folded = self._automaton.fold(held.settled, held.tail)
        for episode in folded.episodes:
            episodes.append((sign, episode))
            # Abandoned, if nothing more is heard: dated ahead, and withdrawn by the next record.
            abandoned = episode.last + self._automaton.forget_after
            edges.extend(
                (sign, Edge(level, abandoned, -1, episode.slots[level].values))
                for level in self._automaton.levels
                if level in episode.slots
            )
        reversals += [(sign, edge) for edge in folded.reversals]
        edges += [(sign, edge) for edge in folded.edges]

    def _settle(self, held: Held, horizon: int) -> None:
        older = [event for event in held.tail if event.time < horizon]
        if older:
            held.settled = self._automaton.fold(held.settled, older).episodes
            held.tail = held.tail[len(older) :]
        held.settled = [episode for episode in held.settled if episode.last + self._automaton.forget_after >= horizon]

    def forget(self, horizon: int) -> None:
        """Lets go of the keys that have been silent for so long that the next record starts anew anyway.

        Memory only, never values.
        """
        for key, held in list(self._held.items()):
            last = (
                held.tail[-1].time
                if held.tail
                else held.settled[-1].last
                if held.settled
                else horizon - 1 - self._automaton.forget_after
            )
            if last + self._automaton.forget_after >= horizon:
                return
            del self._held[key]
            self._dirty.add(key)

    def flush(self, incarnation: str, flush: int) -> list[EntityRow]:
        """The entities that changed since the last flush, as rows; forgotten ones as tombstones."""
        dirty, self._dirty = self._dirty, set()
        return [EntityRow(self._task, key, incarnation, flush, self._packed(self._held.get(key))) for key in dirty]

    def restore(self, rows: Iterable[EntityRow]) -> None:
        """Takes over what the log holds; the oldest touched first.

        What another definition of the entity left there is not: its states mean something else, and its contributions
        stand in groups of their own.
        """
        held = [
            (row.key, _unpacked(row.state))
            for row in rows
            if row.state is not None and row.state.get("definition") == self._definition
        ]
        held.sort(
            key=lambda item: (
                item[1].tail[-1].time if item[1].tail else item[1].settled[-1].last if item[1].settled else 0
            )
        )
        self._held = dict(held)

    def _packed(self, held: Held | None) -> dict[str, Any] | None:
        if held is None:
            return None
        settled = [
            [episode.last, {name: list(slot) for name, slot in episode.slots.items()}] for episode in held.settled
        ]
        return {"definition": self._definition, "settled": settled, "tail": [list(event) for event in held.tail]}


def _unpacked(state: dict[str, Any]) -> Held:
    settled = [
        Episode(last, {name: Slot(time, tuple(values), *flags) for name, (time, values, *flags) in slots.items()})
        for last, slots in state["settled"]
    ]
    return Held(
        settled,
        [Event(time, source, id_, signals, tuple(values)) for time, source, id_, signals, values in state["tail"]],
    )
