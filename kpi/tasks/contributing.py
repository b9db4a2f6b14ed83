"""What accepted records add to the panes of a task, by themselves and by the entities that they belong to."""

import polars as pl

from kpi.entities.store import EntityStore
from kpi.panes.reduction import Reducer
from kpi.panes.store import PaneStore
from kpi.plan import Plan, entity_digest
from kpi.units import Unit
from schemas.kpis import Catalogue
from schemas.wire import EntityRow

UNKNOWN = -(2**62)
"""A horizon before everything."""


class Contributor:
    """The reducers and entities of one task. A backfill has entities of its own, named `<task>/history`."""

    def __init__(self, catalogue: Catalogue, plan: Plan, unit: Unit, task: str, panes: PaneStore) -> None:
        self._task, self._panes = task, panes
        groups = [group for group in plan.groups.values() if group.unit == unit.name]
        self._of_streams = {
            name: [(g.id, Reducer(g, signed=False)) for g in groups if g.source == name] for name in unit.streams
        }
        self._of_entities: dict[str, list[tuple[str, Reducer]]] = {}
        self._entities: dict[bool, EntityStore] = {}
        if unit.entity is None:
            return
        for history in (False, True):
            self._entities[history] = EntityStore(
                self._named(history),
                unit.entity,
                {name: catalogue.streams[name] for name in unit.streams},
                catalogue.targets,
                definition=entity_digest(catalogue, unit.name),
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

    def restore(self, rows: dict[str, list[EntityRow]]) -> None:
        """Takes over entities, by the name of their store."""
        for history, store in self._entities.items():
            store.restore(rows.get(self._named(history), []))

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
        for group, reducer in self._of_streams[stream]:
            self._panes.add(group, reducer.reduce(counted))
        return counted, refused

    def flush(self, incarnation: str, number: int, horizon: int | None) -> list[EntityRow]:
        """The entities that changed, once what no record can meet again is forgotten.

        `horizon`: epoch milliseconds, before which no live record of any of the task's streams can follow.
        """
        rows: list[EntityRow] = []
        for history, store in self._entities.items():
            # A backfill may bring records of any time.
            store.forget(UNKNOWN if history or horizon is None else horizon)
            rows += store.flush(incarnation, number)
        return rows
