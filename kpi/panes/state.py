"""The rows of one measure group at one grain, in columns, laid out in blocks of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from kpi.grains import Grain
from kpi.panes.reduction import START, merged
from kpi.plan import Family, Group

KEPT_CHANGES = 32
_BLOCK = "__block"


@dataclass(slots=True)
class Changes:
    """The flushes that changed a pane after its own end: the last 32 as [flush, watermark before it], and their
    number.
    """

    last: list[list[int]] = field(default_factory=list)
    count: int = 0

    def note(self, flush: int, watermark: int) -> None:
        """Adds one flush."""
        self.last = [*self.last, [flush, watermark]][-KEPT_CHANGES:]
        self.count += 1


def schema(group: Group) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The columns of a state frame, in order."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {START: pl.Int64}
    types |= dict.fromkeys(group.dimensions, pl.String)
    if group.family in (Family.histogram, Family.keys):
        types["extra"] = pl.UInt64 if group.family is Family.keys else pl.Int64
    return types | {column.name: pl.Int64 for column in group.columns}


@dataclass(frozen=True, slots=True)
class Applied:
    """The panes that a flush changed: by start, their rows as they are now (a list for each column), or none left."""

    rows: dict[int, dict[str, Any]]
    empty: list[int]


class GrainState:
    """All retained rows of a group at a grain. Frames have the columns of `schema(group)`."""

    def __init__(self, group: Group, grain: Grain) -> None:
        self.group, self.grain = group, grain
        self._schema = schema(group)
        self._block = pl.col(START) // grain.block
        self._blocks: dict[int, pl.DataFrame] = {}
        self._base = pl.DataFrame(schema=self._base_schema())
        self.changes: dict[int, Changes] = {}
        self.retained: int | None = None

    def _base_schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        return {name: kind for name, kind in self._schema.items() if name != START}

    @property
    def height(self) -> int:
        """How many rows are held."""
        return sum(frame.height for frame in self._blocks.values())

    @property
    def base(self) -> pl.DataFrame:
        """Levels: what all dropped panes add up to, a row for each combination of dimension values."""
        return self._base

    def restore(self, frames: Iterable[pl.DataFrame], base: pl.DataFrame | None) -> None:
        """Takes over rows as read from the log."""
        for block, part in self._by_block(pl.concat([pl.DataFrame(schema=self._schema), *frames])):
            self._blocks[block] = part
        if base is not None:
            self._base = base.select(list(self._base_schema()))

    def _by_block(self, rows: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        blocks = rows.with_columns(self._block.alias(_BLOCK)).partition_by(_BLOCK, as_dict=True, include_key=False)
        for (block,), part in blocks.items():
            yield int(str(block)), part

    def apply(self, minutes: pl.DataFrame) -> Applied:
        """Adds the differences of a flush, given per minute, to the panes that are still held."""
        rows = self._coarsened(minutes)
        if self.retained is not None:
            gone = rows.filter(pl.col(START) < self.retained)
            if gone.height:
                self._add_to_base(gone)
                rows = rows.filter(pl.col(START) >= self.retained)
        touched = rows.select(self._block.unique()).to_series().to_list()
        known = [self._blocks.pop(block) for block in touched if block in self._blocks]
        frame = merged(pl.concat([rows, *known]), self.group).select(list(self._schema))
        self._blocks.update(self._by_block(frame))
        starts = rows.select(pl.col(START).unique())
        changed = frame.join(starts, on=START, how="semi")
        packed = changed.group_by(START).agg(pl.all()).iter_rows(named=True)
        empty = starts.join(changed, on=START, how="anti")[START].to_list()
        return Applied({row[START]: row for row in packed}, empty)

    def _coarsened(self, minutes: pl.DataFrame) -> pl.DataFrame:
        shifted = minutes.with_columns(self.grain.start_of(START).alias("__start"))
        if self.group.family is Family.level:
            # Offsets count from the pane's start: re-base them (entities: S1' = S1 + (fine start - coarse start) x S0).
            shifted = shifted.with_columns(s1=pl.col("s1") + (pl.col(START) - pl.col("__start")) * pl.col("s0"))
        shifted = shifted.with_columns(pl.col("__start").alias(START)).drop("__start")
        return merged(shifted, self.group).select(list(self._schema))

    def _add_to_base(self, rows: pl.DataFrame) -> None:
        if self.group.family is not Family.level:
            return
        total = pl.concat([self._base, rows.drop(START)]).group_by(self.group.dimensions or pl.lit(1).alias("__all"))
        summed = total.agg(pl.col("s0").sum(), pl.lit(0, pl.Int64).alias("s1")).filter(pl.col("s0") != 0)
        self._base = summed.select(list(self._base_schema()))

    def retire(self, watermark: int) -> list[int]:
        """Drops whole blocks that left retention; the starts of their panes. `retained` becomes the new horizon."""
        if self.grain.keep is None:
            return []
        horizon = (watermark - self.grain.keep) // self.grain.block * self.grain.block
        if self.retained is not None and horizon <= self.retained:
            return []
        self.retained = horizon
        starts: list[int] = []
        for block in [number for number in self._blocks if (number + 1) * self.grain.block <= horizon]:
            rows = self._blocks.pop(block)
            self._add_to_base(rows)
            starts += rows[START].unique().to_list()
        for start in starts:
            self.changes.pop(start, None)
        return starts
