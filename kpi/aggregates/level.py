"""Levels: kept as their changes, from which the level at any end of a pane and its integral follow."""

from collections.abc import Iterable

import polars as pl

from kpi.aggregates.holding import Holding, Initial, summed
from kpi.aggregates.rows import START
from kpi.grains import MINUTE
from kpi.plan import Group


class Level(Holding):
    """`s0`, the sum of changes, and `s1`, the sum of change x milliseconds since the pane's start.

    Relative to the pane, a sum of changes of 10^11 in a day still fits.
    """

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`. The change is the `value` of contributions; kept apart by it, they are counted."""
        value = pl.lit(1, pl.Int64) if group.is_by_value else pl.col("value").cast(pl.Int64)
        change = value if sign is None else value * sign
        within = pl.col("time") % MINUTE
        where = [pl.col("value").is_not_null()] if group.is_by_value else []
        return Initial([summed(change).alias("s0"), summed(change.cast(pl.Int128) * within).alias("s1")], where=where)

    def moved(self, rows: pl.DataFrame, start: pl.Expr) -> pl.DataFrame:
        """See `Holding`: milliseconds are counted from the new start, s1' = s1 + (old start - new start) x s0."""
        further = (pl.col(START) - start).cast(pl.Int128) * pl.col("s0")
        return rows.with_columns(start.alias(START), s1=(pl.col("s1") + further).cast(pl.Int64))


def integral(level: int, start: int, end: int, panes: Iterable[tuple[int, int, int]]) -> int:
    """The integral, level x milliseconds, over [start, end).

    `level`: the one at `start`. `panes`: (start, s0, s1) of the panes in between.
    """
    return level * (end - start) + sum(s0 * (end - begin) - s1 for begin, s0, s1 in panes)
