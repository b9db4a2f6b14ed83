"""All panes of one task: differences in, changed rows out, once a flush."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import polars as pl

from kpi.aggregates.families import merged
from kpi.aggregates.rows import START, schema
from kpi.grains import Grain
from kpi.panes.changes import Moment, lasting
from kpi.panes.folding import Folding
from kpi.panes.packing import Signature, packed, packed_base, restore_base, restore_rows
from kpi.panes.state import Applied, GrainState
from kpi.plan import Family, Group
from schemas.wire import Base, Rows

Written = dict[tuple[str, str, int, int], Rows]
"""The records of a flush by group, grain, start and bucket."""


class Stamp(NamedTuple):
    """Who writes, and the number of the flush."""

    incarnation: str
    flush: int


class PaneStore:
    """Rows of every group of the task at every grain. Not thread-safe; owned by one task.

    `grains`: the finest first. `most_groups`: combinations of dimension values of a group; `most_keys`: keys of a pane.
    """

    def __init__(
        self, task: str, groups: Sequence[Group], grains: Sequence[Grain], *, most_groups: int, most_keys: int
    ) -> None:
        self._task, self._most_groups = task, most_groups
        self._groups = {group.id: group for group in groups}
        self._states = {group.id: [GrainState(group, grain, most_keys) for grain in grains] for group in groups}
        self._foldings = {group.id: Folding(group, most_groups, {}) for group in groups}
        self._unknown_folds: dict[str, dict[str, int]] = {}
        self._pending: dict[str, list[pl.DataFrame]] = {}

    @property
    def row_count(self) -> int:
        """How many rows are held, over all grains."""
        return sum(state.height for states in self._states.values() for state in states)

    @property
    def retained(self) -> dict[str, int]:
        """By grain, the horizon before which panes are gone; grains that still hold all are absent."""
        states = [state for states in self._states.values() for state in states]
        return {state.grain.name: state.retained for state in states if state.retained is not None}

    @property
    def folded(self) -> dict[str, dict[str, int]]:
        """By group and dimension, how many zero bits the hash of a value begins with that is not in `__other__`."""
        own = {group: dict(folding.depths) for group, folding in self._foldings.items() if folding.depths}
        return self._unknown_folds | own

    def restore(
        self,
        rows: Iterable[Rows],
        bases: Iterable[Base],
        retained: Mapping[str, int],
        folded: Mapping[str, Mapping[str, int]],
    ) -> None:
        """Takes over what the log holds. Groups that the catalogue no longer names are left alone.

        `rows`: those of one group and grain together. Raises UnknownEncoding.
        """
        kept = {(base.group, base.grain): base for base in bases}
        self._unknown_folds = {name: dict(depths) for name, depths in folded.items() if name not in self._groups}
        places = {(group, state.grain.name): state for group, _, state in self._all()}
        for place, state in places.items():
            state.retained = retained.get(state.grain.name)
            restore_base(state, kept.get(place))
        for place, panes in groupby(rows, lambda pane: (pane.group, pane.grain)):
            if place in places:
                restore_rows(places[place], [pane for pane in panes if pane.columns])
        for group, states in self._states.items():
            depths = dict(folded.get(group, {}))
            self._foldings[group] = Folding(self._groups[group], self._most_groups, depths)
            self._foldings[group].recount(states[0].rows.frames())

    def add(self, group: str, minutes: pl.DataFrame) -> None:
        """Differences of one minute grain, to be applied by the next flush."""
        if minutes.height:
            self._pending.setdefault(group, []).append(minutes.select(list(schema(self._groups[group]))))

    def flush(self, stamp: Stamp, before: int | None, after: int | None) -> list[Rows | Base]:
        """Applies what was added to every grain that still holds the pane; the changed rows.

        `before`, `after`: the task's watermark before and after what was added (epoch milliseconds, None: none yet).
        """
        signature, written = Signature(self._task, *stamp), Written()
        bases = {(group, place): state.base for group, place, state in self._all()}
        if after is not None:
            # Before what is new is applied: most of a long import is older than what the fine grains keep.
            self._retire(after, written, signature)
        pending, self._pending = self._pending, {}
        for group, frames in pending.items():
            self._apply(group, pl.concat(frames), Moment(stamp.flush, before), written, signature)
        changed = [state for group, place, state in self._all() if state.base is not bases[group, place]]
        return [*written.values(), *(packed_base(state, signature) for state in changed)]

    def _all(self) -> list[tuple[str, int, GrainState]]:
        return [(group, place, state) for group, states in self._states.items() for place, state in enumerate(states)]

    def _retire(self, watermark: int, written: Written, signature: Signature) -> None:
        for group, place, state in self._all():
            horizon = state.retained
            addresses = state.retire(watermark)
            if addresses:
                self._write(state, Applied(state.nothing(), addresses), written, signature)
            if place == 0 and state.retained is not None and state.retained != horizon:
                self._foldings[group].forget(state.retained)

    def _apply(
        self, group: str, differences: pl.DataFrame, moment: Moment, written: Written, signature: Signature
    ) -> None:
        folding, states = self._foldings[group], self._states[group]
        minutes = merged(folding.folded(differences), self._groups[group])
        if self._groups[group].family is Family.level:
            moment = Moment(moment.flush, moment.watermark, lasting(minutes, self._groups[group].dimensions))
        sizes = {}
        for state in states:
            applied = state.apply(minutes, moment)
            self._write(state, applied, written, signature)
            sizes[state.grain.name] = applied.sizes
        crowd = self._crowd(group, minutes, sizes)
        if crowd is not None:
            folding.deepen(crowd)
            for state in states:
                self._write(state, state.fold(folding.folded), written, signature)
            folding.recount(states[0].rows.frames())

    def _crowd(self, group: str, minutes: pl.DataFrame, sizes: Mapping[str, Mapping[int, int]]) -> pl.DataFrame | None:
        """The combinations of dimension values of the finest panes, or of one coarser pane, if they are too many."""
        folding, (finest, *coarser) = self._foldings[group], self._states[group]
        held = minutes if finest.retained is None else minutes.filter(pl.col(START) >= finest.retained)
        if folding.note(held):
            crowd = folding.recount(finest.rows.frames())
            if crowd is not None:
                return crowd
        if held.height == minutes.height:
            return None
        # What is older than the finest panes, such as an import, is counted in the panes that hold it.
        for state in coarser:
            for start, size in sizes[state.grain.name].items():
                crowd = folding.crowd(state.rows.of_pane(start)) if size > self._most_groups else None
                if crowd is not None:
                    return crowd
        return None

    def _write(self, state: GrainState, applied: Applied, written: Written, signature: Signature) -> None:
        for record in packed(state, applied.rows, applied.addresses, signature):
            written[record.group, record.grain, record.start, record.bucket] = record
