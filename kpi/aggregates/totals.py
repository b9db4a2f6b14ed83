"""Totals: counts, sums, extremes and sums of squares, all of a group's measures in one row."""

import polars as pl

from kpi.aggregates.holding import Holding, Initial, counted, summed
from kpi.plan import Column, Group, Merge, Part

_WORD = 2**32


class Totals(Holding):
    """One row for each pane and combination of dimension values; its columns are named by what they compute."""

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        return Initial([_column(column, sign).alias(column.name) for column in group.columns])

    def normal(self, rows: pl.DataFrame, group: Group) -> pl.DataFrame:
        """Low words of squares are brought to [0, 2^32); what is above goes to the high ones."""
        lows = {(c.value, c.where): pl.col(c.name) for c in group.columns if c.part is Part.square_low}
        pairs = [(pl.col(c.name), lows[c.value, c.where]) for c in group.columns if c.part is Part.square_high]
        carried = [expression for high, low in pairs for expression in (high + low // _WORD, low % _WORD)]
        return rows.with_columns(carried) if carried else rows


def _column(column: Column, sign: pl.Expr | None) -> pl.Expr:
    where = pl.sql_expr(column.where) if column.where else None
    if column.value is None:
        return counted(sign, where)
    value = pl.sql_expr(column.value).cast(pl.Int64)
    if where is not None:
        value = pl.when(where).then(value)
    if column.merge is Merge.min:
        return value.min()
    if column.merge is Merge.max:
        return value.max()
    if column.part is not Part.value:
        # Up to 2^126; a high word that does not fit is refused by the cast.
        square = value.cast(pl.Int128) * value.cast(pl.Int128)
        value = (square // _WORD if column.part is Part.square_high else square % _WORD).cast(pl.Int64)
    return summed(value if sign is None else value * sign)


def variance(count: int, total: int, high: int, low: int) -> float | None:
    """The variance of the population: E[v^2] - E[v]^2, which is (n x sum of v^2 - (sum of v)^2) / n^2, in integers
    until the one division. None of nothing.
    """
    if count <= 0:
        return None
    return (count * (high * _WORD + low) - total * total) / (count * count)
