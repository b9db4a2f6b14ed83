"""All panes of one task: differences in, changed rows out, once a flush."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from kpi.grains import Grain
from kpi.panes.reduction import EXTRA, START, merged
from kpi.panes.state import Changes, GrainState, schema
from kpi.plan import Group
from schemas.wire import Base, Rows


class Stamp(NamedTuple):
    """Who writes, and the number of the flush."""

    incarnation: str
    flush: int


class PaneStore:
    """Rows of every group of the task at every grain. Not thread-safe; owned by one task."""

    def __init__(self, task: str, groups: Sequence[Group], grains: Sequence[Grain]) -> None:
        self._task = task
        self._groups = {group.id: group for group in groups}
        self._states = {(group.id, grain.name): GrainState(group, grain) for group in groups for grain in grains}
        self._pending: dict[str, list[pl.DataFrame]] = {}

    @property
    def row_count(self) -> int:
        """How many rows are held, over all grains."""
        return sum(state.height for state in self._states.values())

    @property
    def retained(self) -> dict[str, int]:
        """By grain, the horizon before which panes are gone; grains that still hold all are absent."""
        return {name: state.retained for (_, name), state in self._states.items() if state.retained is not None}

    def restore(self, rows: Iterable[Rows], bases: Iterable[Base], retained: dict[str, int]) -> None:
        """Takes over what the log holds. Groups that the catalogue no longer names are left alone."""
        frames: dict[tuple[str, str], list[pl.DataFrame]] = {}
        for pane in rows:
            state = self._states.get((pane.group, pane.grain))
            if state is None or not pane.columns:
                continue
            frames.setdefault((pane.group, pane.grain), []).append(_frame(state.group, pane))
            if pane.change_count:
                state.changes[pane.start] = Changes(pane.changes, pane.change_count)
        kept = {(base.group, base.grain): base for base in bases}
        for key, state in self._states.items():
            base = kept.get(key)
            state.restore(frames.get(key, ()), _base_frame(state.group, base) if base else None)
            state.retained = retained.get(state.grain.name)

    def add(self, group: str, minutes: pl.DataFrame) -> None:
        """Differences of one minute grain, to be applied by the next flush."""
        if minutes.height:
            self._pending.setdefault(group, []).append(minutes.select(list(schema(self._groups[group]))))

    def flush(self, stamp: Stamp, before: int | None, after: int | None) -> list[Rows | Base]:
        """Applies what was added to every grain that still holds the pane; the changed rows.

        `before`, `after`: the task's watermark before and after what was added (epoch milliseconds, None: none yet).
        """
        changed: list[Rows | Base] = []
        bases = {key: state.base for key, state in self._states.items()}
        if after is not None:
            # Before what is new is applied: most of a long import is older than what the fine grains keep.
            for state in self._states.values():
                changed += [self._gone(state, start, stamp) for start in state.retire(after)]
        pending, self._pending = self._pending, {}
        for group_id, frames in pending.items():
            minutes = merged(pl.concat(frames), self._groups[group_id])
            for (owner, _), state in self._states.items():
                if owner == group_id:
                    changed += self._apply(state, minutes, stamp, before)
        for key, state in self._states.items():
            if state.base is not bases[key]:
                changed.append(self._packed_base(state, stamp))
        return changed

    def _apply(self, state: GrainState, minutes: pl.DataFrame, stamp: Stamp, before: int | None) -> list[Rows | Base]:
        applied = state.apply(minutes)
        if before is not None:
            for start in (*applied.rows, *applied.empty):
                if before >= state.grain.end_of(start):
                    state.changes.setdefault(start, Changes()).note(stamp.flush, before)
        packed: list[Rows | Base] = [self._packed(state, start, rows, stamp) for start, rows in applied.rows.items()]
        return packed + [self._gone(state, start, stamp) for start in applied.empty]

    def _gone(self, state: GrainState, start: int, stamp: Stamp) -> Rows:
        return self._packed(state, start, dict.fromkeys(schema(state.group), ()), stamp)

    def _packed(self, state: GrainState, start: int, columns: Mapping[str, Sequence[Any]], stamp: Stamp) -> Rows:
        changes = state.changes.get(start, Changes())
        return Rows(
            task=self._task,
            group=state.group.id,
            grain=state.grain.name,
            start=start,
            end=state.grain.end_of(start),
            bucket=0,
            incarnation=stamp.incarnation,
            flush=stamp.flush,
            dimensions={name: list(columns[name]) for name in state.group.dimensions},
            extra=list(columns[EXTRA]) if EXTRA in columns else None,
            columns={column.name: list(columns[column.name]) for column in state.group.columns},
            changes=changes.last,
            change_count=changes.count,
        )

    def _packed_base(self, state: GrainState, stamp: Stamp) -> Base:
        columns = state.base.to_dict(as_series=False)
        return Base(
            task=self._task,
            group=state.group.id,
            grain=state.grain.name,
            horizon=state.retained or 0,
            incarnation=stamp.incarnation,
            flush=stamp.flush,
            dimensions={name: columns[name] for name in state.group.dimensions},
            columns={column.name: columns[column.name] for column in state.group.columns},
        )


def _frame(group: Group, pane: Rows) -> pl.DataFrame:
    """The rows as a frame; a column that the row does not have yet (a measure added since) is zero."""
    height = len(next(iter(pane.columns.values()), []))
    columns: dict[str, object] = {START: [pane.start] * height, **pane.dimensions}
    if pane.extra is not None:
        columns[EXTRA] = pane.extra
    for column in group.columns:
        columns[column.name] = pane.columns.get(column.name, [0 if column.merge == "sum" else None] * height)
    wanted = schema(group)
    return pl.DataFrame({name: columns[name] for name in wanted}, schema=wanted)


def _base_frame(group: Group, base: Base) -> pl.DataFrame:
    wanted = {name: kind for name, kind in schema(group).items() if name != START}
    return pl.DataFrame({**base.dimensions, **base.columns}, schema=wanted)
