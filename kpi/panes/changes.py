"""The flushes that changed a pane after its own end, from which readers count the revisions of any window."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from kpi.aggregates.rows import START
from kpi.grains import Grain

KEPT_CHANGES = 32
FOREVER = 2**62
UNTIL = "until"


@dataclass(slots=True)
class Changes:
    """The last 32 flushes as [flush, watermark before it], of levels as [flush, watermark before it, until]; and
    their number.
    """

    last: list[list[int]] = field(default_factory=list)
    count: int = 0

    def note(self, change: list[int]) -> None:
        """Adds one flush."""
        self.last = [*self.last, change][-KEPT_CHANGES:]
        self.count += 1


@dataclass(frozen=True, slots=True)
class Moment:
    """A flush: its number, and the task's watermark before it (epoch milliseconds, None: none yet).

    `edges`: of levels, by minute, until when the level differs from what it was; see `lasting`.
    """

    flush: int
    watermark: int | None
    edges: pl.DataFrame | None = None


def noted(changes: dict[int, Changes], grain: Grain, starts: Iterable[int], moment: Moment) -> None:
    """Adds the flush to those of these panes whose end its watermark had reached before."""
    if moment.watermark is None:
        return
    late = [start for start in starts if moment.watermark >= grain.end_of(start)]
    until: dict[int, int] = {}
    if late and moment.edges is not None:
        panes = moment.edges.with_columns(grain.start_of(START)).group_by(START).agg(pl.col(UNTIL).last())
        until = dict(panes.select(START, UNTIL).iter_rows())
    for start in late:
        after = [until.get(start, 0)] if moment.edges is not None else []
        changes.setdefault(start, Changes()).note([moment.flush, moment.watermark, *after])


def lasting(minutes: pl.DataFrame, dimensions: Iterable[str]) -> pl.DataFrame:
    """By touched minute, until when (epoch milliseconds) the level stays other than it was; 0: not after that minute.

    `minutes`: a flush's differences of a level. Edges that cancel each other change the level between them only, and
    what does not cancel changes it for ever. Ascending by `start`; `until` is the start of the next touched minute.
    """
    keys = [pl.lit(0), *(pl.col(name) for name in dimensions)]
    rows = minutes.sort(START).with_columns(pl.col("s0").cum_sum().over(keys).alias("level"))
    moved = (pl.col("level") != 0).cast(pl.Int64) - (pl.col("level") != pl.col("s0")).cast(pl.Int64)
    touched = rows.group_by(START).agg(moved.sum().alias("moved")).sort(START)
    following = pl.col(START).shift(-1).fill_null(FOREVER)
    differs = pl.col("moved").cum_sum() != 0
    return touched.select(START, pl.when(differs).then(following).otherwise(0).alias(UNTIL))
