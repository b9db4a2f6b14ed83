"""From contributions to rows of the finest grain."""

from collections.abc import Sequence

import polars as pl
import polars_hash as plh

from kpi.grains import MINUTE
from kpi.histogram import bucket_of
from kpi.plan import CURRENCY, Column, Family, Group, Merge

EXTRA = "extra"
START = "start"
SAFE_SUM = 2**62
_COUNTED = "__counted"


class SumOverflow(Exception):
    """A sum left the range of 64-bit integers; the task stops rather than wrap around."""


def checked(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """`frame`, unless a value is beyond ±2^62, from where one more merge could wrap: SumOverflow."""
    if frame.height and columns:
        worst = frame.select(pl.max_horizontal(pl.col(columns).abs().max())).item()
        if worst is not None and worst > SAFE_SUM:
            raise SumOverflow(f"a sum of {worst} is beyond 2^62: declare a smaller scale, or a maximum for the field")
    return frame


def merged(frame: pl.DataFrame, group: Group) -> pl.DataFrame:
    """Rows with equal pane, dimension values and extra merged into one. Rows that are all zero vanish."""
    expressions = [_MERGE[column.merge](pl.col(column.name)) for column in group.columns]
    result = frame.group_by(row_key(group)).agg(expressions)
    sums = [column.name for column in group.columns if column.merge is Merge.sum]
    return checked(result, sums).filter(pl.any_horizontal(pl.col(sums) != 0))


def row_key(group: Group) -> list[str]:
    """The columns that identify a row within its grain."""
    extra = [EXTRA] if group.family in (Family.histogram, Family.keys) else []
    return [START, *group.dimensions, *extra]


_MERGE = {Merge.sum: pl.Expr.sum, Merge.min: pl.Expr.min, Merge.max: pl.Expr.max}


class Reducer:
    """Reduces contributions of a group's source to its rows of one minute.

    Contributions: a frame with `time` (epoch milliseconds), the fields or dimensions that the group names, for
    entities also `value`, `currency` and `sign` (+1 adds, -1 withdraws).
    """

    def __init__(self, group: Group, *, signed: bool) -> None:
        self._group, self._signed = group, signed
        self._sign = pl.col("sign") if signed else pl.lit(1, pl.Int64)
        start = (pl.col("time") - pl.col("time") % MINUTE).alias(START)
        dimensions = [pl.col(name).cast(pl.String) for name in group.dimensions if name != CURRENCY]
        if group.currency is not None:
            currency = pl.col(CURRENCY) if signed else pl.sql_expr(group.currency)
            dimensions.append(currency.cast(pl.String).alias(CURRENCY))
        self._keys = [start, *dimensions]
        self._prepared: list[pl.Expr] = []
        self._where = [pl.sql_expr(group.where)] if group.where else []
        self._aggregates = self._family_aggregates()

    def _family_aggregates(self) -> list[pl.Expr]:
        group, sign = self._group, self._sign
        if group.family is Family.totals:
            return [self._column(column) for column in group.columns]
        if group.family is Family.level:
            change = pl.col("value").cast(pl.Int64) * sign
            within = pl.col("time") % MINUTE
            return [change.sum().alias("s0"), (change * within).sum().alias("s1")]
        value = pl.sql_expr(group.extra or "null")
        self._where.append(value.is_not_null())
        if group.family is Family.histogram:
            self._keys.append(bucket_of(value).alias(EXTRA))
        else:
            # polars-hash offers its expressions on named columns only.
            self._prepared.append(value.cast(pl.String).alias(_COUNTED))
            self._keys.append(plh.col(_COUNTED).nchash.xxh3_64().alias(EXTRA))
        return [self._counted(None).alias("n")]

    def _counted(self, where: pl.Expr | None) -> pl.Expr:
        if where is None:
            return self._sign.sum() if self._signed else pl.len().cast(pl.Int64)
        return pl.when(where).then(self._sign).otherwise(0).sum()

    def _column(self, column: Column) -> pl.Expr:
        where = pl.sql_expr(column.where) if column.where else None
        if column.value is None:
            return self._counted(where).alias(column.name)
        value = pl.sql_expr(column.value).cast(pl.Int64)
        if column.merge is not Merge.sum:
            chosen = value if where is None else pl.when(where).then(value)
            return _MERGE[column.merge](chosen).alias(column.name)
        amount = value * self._sign if where is None else pl.when(where).then(value * self._sign).otherwise(0)
        # Int64 sums wrap in silence; the cast back from 128 bits raises instead.
        return amount.cast(pl.Int128).sum().cast(pl.Int64).alias(column.name)

    def reduce(self, contributions: pl.DataFrame) -> pl.DataFrame:
        """Rows: `start`, the dimensions, `extra` (histogram bucket Int64, key hash UInt64), the columns (Int64)."""
        group, frame = self._group, contributions
        if self._where:
            frame = frame.filter(self._where)
        if self._prepared:
            frame = frame.with_columns(self._prepared)
        try:
            rows = frame.group_by(self._keys).agg(self._aggregates)
        except pl.exceptions.InvalidOperationError as error:
            raise SumOverflow(
                f"a sum of {group.source} does not fit 64 bits: declare a maximum for the field"
            ) from error
        sums = [column.name for column in group.columns if column.merge is Merge.sum]
        return checked(rows, sums).filter(pl.any_horizontal(pl.col(sums) != 0))
