"""What accepted records add to the panes of a task, by themselves and by the entities that they belong to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from kpi.accepting.corrections import TimesOf
from kpi.digests import entity_digest
from kpi.entities.events import EventStore
from kpi.entities.journal import Consolidation
from kpi.entities.store import EntityStore
from kpi.panes.reduction import Reducer
from kpi.panes.store import PaneStore
from kpi.parts.contributing import PartContributions
from kpi.parts.fields import fields_of
from kpi.plan import Group, Plan
from kpi.units import Unit
from schemas.kpis import Catalogue
from schemas.parts import FATES
from schemas.streams import Stream
from schemas.wire import EntityBlock

UNKNOWN = -(2**62)
"""A horizon before everything."""


class Contributor:
    """The reducers and entities of one task. A backfill has entities of its own, named `<task>/history`.

    `earliest`: see `Progress`.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        plan: Plan,
        unit: Unit,
        task: str,
        panes: PaneStore,
        *,
        consolidation: Consolidation | None,
    ) -> None:
        self._task, self._panes = task, panes
        groups = [group for group in plan.groups.values() if group.unit == unit.name]
        streams = {name: catalogue.streams[name] for name in unit.streams}
        self._of_streams = {
            name: [(g.id, Reducer(g, signed=stream.corrections is not None)) for g in groups if g.source == name]
            for name, stream in streams.items()
        }
        self._of_parts = {name: _Parts(stream, groups) for name, stream in streams.items()}
        self._of_fates = {
            name: [
                (g.id, Reducer(g, signed=False)) for g in groups if g.is_of_arrivals and g.source == f"{name}.{FATES}"
            ]
            for name in streams
        }
        self.earliest: dict[str, int] = {}
        owned = {} if unit.is_second_hop else streams
        counted = {name: _counted(stream, groups) for name, stream in owned.items()}
        self._events = {
            (name, history): EventStore(self._named(history), stream, counted[name], consolidation=consolidation)
            for name, stream in owned.items()
            if stream.corrections is not None
            for history in (False, True)
        }
        self._abandoned: list[EntityBlock] = []
        self._left: dict[str, int] = {}
        self._of_entities: dict[str, list[tuple[str, Reducer]]] = {}
        self._entities: dict[bool, EntityStore] = {}
        if unit.entity is None:
            return
        for history in (False, True):
            self._entities[history] = EntityStore(
                self._named(history),
                unit.entity,
                streams,
                catalogue.targets,
                definition=entity_digest(catalogue, unit.name),
                calendars=catalogue.calendars,
                limited=not history,
                consolidation=consolidation,
            )
        for name in unit.entity.contributions:
            source = f"{unit.name}.{name}"
            self._of_entities[name] = [(g.id, Reducer(g, signed=True)) for g in groups if g.source == source]

    @property
    def entity_count(self) -> int:
        """Entities held."""
        return sum(len(store) for store in self._entities.values())

    def _named(self, history: bool) -> str:
        return f"{self._task}/history" if history else self._task

    @property
    def _stores(self) -> dict[tuple[str, str], EntityStore | EventStore]:
        """By the task and the store that their blocks name."""
        events = {(self._named(history), stream): store for (stream, history), store in self._events.items()}
        return {(self._named(history), ""): store for history, store in self._entities.items()} | events

    @property
    def consolidated(self) -> dict[str, int]:
        """By `<task> <store>` the first flush whose blocks count."""
        found = {" ".join(place): store.consolidated for place, store in self._stores.items()}
        return self._left | {name: flush for name, flush in found.items() if flush}

    def restore(self, blocks: Sequence[EntityBlock], consolidated: Mapping[str, int]) -> None:
        """Takes over what the log holds. `consolidated`: as written at the last flush."""
        stores = self._stores
        of: dict[tuple[str, str], list[EntityBlock]] = {place: [] for place in stores}
        for block in blocks:
            place = block.task, block.store
            if place in of:
                of[place].append(block)
            elif block.body and block.flush >= consolidated.get(" ".join(place), 0):
                self._abandoned.append(replace(block, body=b""))
        for place, store in stores.items():
            store.restore(of[place], consolidated.get(" ".join(place), 0))
        names = {" ".join(place) for place in stores}
        self._left = {name: flush for name, flush in consolidated.items() if name not in names}

    def times_of(self, stream: str, *, history: bool) -> TimesOf | None:
        """Asks for the times of the stream's events, where they may be corrected."""
        events = self._events.get((stream, history))
        return None if events is None else events.times_of

    def add(self, stream: str, accepted: pl.DataFrame, *, history: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Adds accepted records of a stream: those that count, and those that are more than one key may have.

        `accepted`: as `kpi.accepting.fates.Judged` has it, with `index`.
        """
        if accepted.is_empty():
            return accepted, accepted
        counted, refused = accepted, accepted.clear()
        store = self._entities.get(history)
        if store is not None:
            applied = store.apply(stream, accepted)
            for name, contributions in applied.contributions.items():
                for group, reducer in self._of_entities[name]:
                    self._panes.add(group, reducer.reduce(contributions))
            if applied.refused:
                beyond = pl.col("index").is_in(applied.refused)
                counted, refused = accepted.filter(~beyond), accepted.filter(beyond)
        events = self._events.get((stream, history))
        changed = counted if events is None else events.apply(counted)
        for group, reducer in self._of_streams[stream]:
            self._panes.add(group, reducer.reduce(changed))
        for group, rows in self._of_parts[stream].reduced(changed):
            self._panes.add(group, rows)
        for source, date in self._of_parts[stream].earliest(counted):
            self.earliest[source] = min(date, self.earliest.get(source, date))
        return counted, refused

    def wants_fates(self, stream: str) -> bool:
        """Whether anything is made of what becomes of the stream's records."""
        return bool(self._of_fates[stream])

    def add_fates(self, stream: str, fates: pl.DataFrame) -> None:
        """Adds what became of records of a stream: `kpi.tasks.fates.fates_by_arrival`."""
        for group, reducer in self._of_fates[stream]:
            self._panes.add(group, reducer.reduce(fates))

    def flush(self, incarnation: str, number: int, horizon: int | None, *, whole: bool = False) -> list[EntityBlock]:
        """What the log needs to hold all records that are kept, once what no record can meet again is forgotten.

        `horizon`: epoch milliseconds, before which no live record of any of the task's streams can follow. `whole`: all
        of them anew, in the place of what is there.
        """
        written = self._given_up(incarnation, number)
        for (task, _), store in self._stores.items():
            # A backfill may bring records of any time.
            store.forget(UNKNOWN if horizon is None or task != self._task else horizon)
            written += store.flush(incarnation, number, whole=whole)
        return written

    def _given_up(self, incarnation: str, number: int) -> list[EntityBlock]:
        """Of stores that there are no more: should one return, it is a new one, and has seen nothing of before."""
        given_up, self._abandoned = self._abandoned, []
        self._left |= {f"{block.task} {block.store}": number for block in given_up}
        return [replace(block, incarnation=incarnation, flush=number) for block in given_up]


class _Parts:
    """What a stream contributes beside its events themselves, and the groups that take it."""

    def __init__(self, stream: Stream, groups: list[Group]) -> None:
        signed = stream.corrections is not None
        self._asked = []
        for name, part in stream.contributions.items():
            source = f"{stream.stream}.{name}"
            reducers = [(group.id, Reducer(group, signed=signed)) for group in groups if group.source == source]
            if reducers:
                self._asked.append((source, part, PartContributions(stream, part), reducers))

    def reduced(self, changed: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
        """Rows by group."""
        for _, _, contributions, reducers in self._asked:
            for frame in contributions.of(changed):
                for group, reducer in reducers:
                    yield group, reducer.reduce(frame)

    def earliest(self, accepted: pl.DataFrame) -> Iterator[tuple[str, int]]:
        """By source the first date that accepted records say, of those that are not dated by their own time."""
        for source, part, contributions, _ in self._asked:
            date = contributions.earliest(accepted) if part.is_dated else None
            if date is not None:
                yield source, date


def _counted(stream: Stream, groups: list[Group]) -> list[str]:
    """The fields of a stream that its groups name, and what they are made of."""
    mine = [group for group in groups if group.source == stream.stream]
    sqls = [sql for group in mine for sql in (group.extra, group.where, group.currency) if sql]
    sqls += [sql for group in mine for column in group.columns for sql in (column.value, column.where) if sql]
    named = {name for sql in sqls for name in pl.sql_expr(sql).meta.root_names()}
    named |= {name for group in mine for name in group.dimensions}
    parts = {
        group.part
        for group in groups
        if group.part and not group.is_of_arrivals and group.source == f"{stream.stream}.{group.part}"
    }
    named |= {field for name in parts for field in fields_of(stream, stream.contributions[name])}
    return sorted(named & stream.columns.keys())
