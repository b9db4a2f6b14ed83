"""The rows of one measure group at one grain: differences in, panes as they are now out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from kpi.aggregates.families import merged, moved
from kpi.aggregates.rows import EXTRA, START, Schema, row_key, schema
from kpi.aggregates.sampling import HASH_BITS, fitting_depth
from kpi.grains import Grain
from kpi.panes.buckets import BUCKET, Address, Buckets
from kpi.panes.changes import Changes, Moment, noted
from kpi.plan import Family, Group

SAMPLED = (Family.keys, Family.latest, Family.held)
_LIMIT = "__limit"


def base_schema(group: Group) -> Schema:
    """The columns of a level's base."""
    return {name: kind for name, kind in schema(group).items() if name != START}


@dataclass(frozen=True, slots=True)
class Applied:
    """What is to be written: rows with the bucket that each lies in as `BUCKET`, and all addresses that changed.

    `sizes`: by start, how many rows each changed pane has.
    """

    rows: pl.DataFrame
    addresses: set[Address]
    sizes: Mapping[int, int] = field(default_factory=dict)


class GrainState:
    """All retained rows of a group at a grain. Frames have the columns of `schema(group)`.

    `most_keys`: rows of keys above which a pane keeps a sample of them. `depth`: by start of the pane, how many zero
    bits the hash of a kept key begins with; absent: all are kept. It only rises.
    """

    def __init__(self, group: Group, grain: Grain, most_keys: int) -> None:
        self.group, self.grain, self._most_keys = group, grain, most_keys
        self._schema = schema(group)
        self.rows = Buckets(pl.Schema(self._schema), row_key(group)[1:], grain.block)
        self.base = pl.DataFrame(schema=base_schema(group))
        self.changes: dict[int, Changes] = {}
        self.depth: dict[int, int] = {}
        self.retained: int | None = None

    @property
    def height(self) -> int:
        """How many rows are held."""
        return self.rows.height

    def nothing(self) -> pl.DataFrame:
        """No rows, as `Applied` has them."""
        return pl.DataFrame(schema=self._schema | {BUCKET: pl.Int64})

    def apply(self, minutes: pl.DataFrame, moment: Moment) -> Applied:
        """Adds the differences of a flush, given per minute, to the panes that are still held."""
        rows = self._kept(self._held(self._coarsened(minutes)))
        if rows.is_empty():
            return Applied(self.nothing(), set())
        noted(self.changes, self.grain, rows[START].unique().to_list(), moment)
        taken, addresses = self.rows.take(rows)
        frame = merged(pl.concat([rows, *taken]), self.group).select(list(self._schema))
        if self.group.family in SAMPLED:
            frame, more = self._sampled(frame)
            addresses |= more
        return self._put(frame, addresses)

    def _put(self, frame: pl.DataFrame, addresses: set[Address]) -> Applied:
        sizes = self.rows.sizes(frame)
        written, moved = self.rows.put(frame)
        return Applied(written, addresses | moved, sizes)

    def _coarsened(self, minutes: pl.DataFrame) -> pl.DataFrame:
        coarse = moved(minutes, self.group, self.grain.start_of(START))
        return merged(coarse, self.group).select(list(self._schema))

    def _held(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of panes that are still held; edges of the others go to the base, the rest is skipped."""
        if self.retained is None:
            return rows
        self._add_to_base(rows.filter(pl.col(START) < self.retained))
        return rows.filter(pl.col(START) >= self.retained)

    def _kept(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows whose key is in the sample of their pane."""
        if not self.depth:
            return rows
        limits = {start: (1 << HASH_BITS - depth) - 1 for start, depth in self.depth.items()}
        known = pl.DataFrame({START: list(limits), _LIMIT: list(limits.values())}, {START: pl.Int64, _LIMIT: pl.UInt64})
        limited = rows.join(known, on=START, how="left", maintain_order="left")
        return limited.filter((pl.col(EXTRA) <= pl.col(_LIMIT)).fill_null(value=True)).drop(_LIMIT)

    def _sampled(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, set[Address]]:
        """`frame` with the whole of those panes that were too large and have been thinned; and where they lay."""
        crowded = [start for start, size in self.rows.sizes(frame).items() if size > self._most_keys]
        if not crowded:
            return frame, set()
        taken, addresses = self.rows.take_panes(crowded)
        frame = pl.concat([frame, *taken])
        for start in crowded:
            hashes = frame.filter(pl.col(START) == start)[EXTRA]
            self.depth[start] = fitting_depth(hashes, self.depth.get(start, 0), self._most_keys)
        return self._kept(frame), addresses

    def _add_to_base(self, rows: pl.DataFrame) -> None:
        if self.group.family is Family.level and rows.height:
            self._rebase(pl.concat([self.base, rows.drop(START)]))

    def _rebase(self, rows: pl.DataFrame) -> None:
        total = rows.group_by(self.group.dimensions or pl.lit(1).alias("__all"))
        summed = total.agg(pl.col("s0").sum(), pl.lit(0, pl.Int64).alias("s1")).filter(pl.col("s0") != 0)
        self.base = summed.select(list(base_schema(self.group)))

    def fold(self, folded: Callable[[pl.DataFrame], pl.DataFrame]) -> Applied:
        """Replaces dimension values in every pane and the base by what `folded` makes of them."""
        held = pl.concat([pl.DataFrame(schema=self._schema), *self.rows.frames()])
        other = folded(held)
        differs = pl.any_horizontal([held[name].ne_missing(other[name]) for name in self.group.dimensions])
        affected = held.filter(held.select(differs).to_series())[START].unique().to_list()
        del held, other
        if self.base.height:
            self._rebase(folded(self.base))
        taken, addresses = self.rows.take_panes(affected)
        frame = pl.concat([pl.DataFrame(schema=self._schema), *map(folded, taken)])
        return self._put(merged(frame, self.group).select(list(self._schema)), addresses)

    def retire(self, watermark: int) -> set[Address]:
        """Drops whole blocks that left retention; where they lay. `retained` becomes the new horizon."""
        if self.grain.keep is None:
            return set()
        horizon = (watermark - self.grain.keep) // self.grain.block * self.grain.block
        if self.retained is not None and horizon <= self.retained:
            return set()
        self.retained = horizon
        taken, addresses = self.rows.take_before(horizon)
        if taken:
            self._add_to_base(pl.concat(taken))
        # A pane without rows may still say how often it changed.
        left = [start for start in {*self.changes, *self.depth} if start < horizon]
        for start in left:
            self.changes.pop(start, None)
            self.depth.pop(start, None)
        return addresses | {(start, 0) for start in left}

    def restore(self, frames: Iterable[pl.DataFrame], counts: Mapping[int, int]) -> None:
        """Takes over rows as read from the log, with `BUCKET`. `counts`: of large panes, how many buckets they have."""
        self.rows.restore(pl.concat([self.nothing(), *frames]), counts)
