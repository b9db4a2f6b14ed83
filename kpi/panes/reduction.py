"""From contributions to rows of the finest grain."""

import polars as pl

from kpi.aggregates.chosen import ORDER
from kpi.aggregates.families import HOLDINGS, refuse_withdrawals
from kpi.aggregates.rows import EXTRA, START, SumOverflow, checked, present, row_key, schema, sums
from kpi.grains import DAY, MINUTE
from kpi.plan import CURRENCY, HELD, Group


class Reducer:
    """Reduces contributions of a group's source to its rows of one minute.

    Contributions: a frame with `time` (epoch milliseconds), the fields or dimensions that the group names, for
    parts and entities also `value` and `currency`; for first, last and latest `source` and `id`. `signed`: and with
    `sign` (+1 adds, -1 withdraws); CannotWithdraw where the group's aggregates do not allow that.
    """

    def __init__(self, group: Group, *, signed: bool) -> None:
        if signed:
            refuse_withdrawals(group)
        self._group, self._holding = group, HOLDINGS[group.family]
        self._initial = self._holding.initial(group, pl.col("sign") if signed else None)
        self._where = ([pl.sql_expr(group.where)] if group.where else []) + self._initial.where
        start = (pl.col("time") - pl.col("time") % MINUTE).alias(START)
        dimensions = [pl.col(name).cast(pl.String) for name in group.dimensions if name not in (CURRENCY, HELD)]
        if group.currency is not None:
            currency = pl.col(CURRENCY) if group.is_contributed else pl.sql_expr(group.currency)
            dimensions.append(currency.cast(pl.String).alias(CURRENCY))
        if group.is_by_value:
            dimensions.append(pl.col("value").cast(pl.Int64).cast(pl.String).alias(HELD))
        extra = [] if self._initial.extra is None else [self._initial.extra.alias(EXTRA)]
        self._keys = [start, *dimensions, *extra]

    def reduce(self, contributions: pl.DataFrame) -> pl.DataFrame:
        """Rows as `kpi.aggregates.rows.schema` has them. Raises SumOverflow."""
        group, frame = self._group, contributions
        if self._where:
            frame = frame.filter(self._where)
        if self._initial.prepared:
            frame = frame.with_columns(self._initial.prepared)
        try:
            if self._initial.order:
                narrow = frame.select([*self._keys, *self._initial.order]).sort(ORDER)
                rows = narrow.group_by(row_key(group)).agg(self._initial.aggregates)
            else:
                rows = frame.group_by(self._keys).agg(self._initial.aggregates)
        except pl.exceptions.InvalidOperationError as error:
            raise SumOverflow(
                f"a sum of {group.source} does not fit 64 bits: declare a maximum for the field"
            ) from error
        if group.daily is not None:
            # A minute belongs to one day, so that few rows are marked with it and not many contributions.
            rows = rows.with_columns(_dated(group.daily))
        rows = self._holding.normal(rows, group)
        return present(checked(rows, sums(group)), group).select(list(schema(group)))


def _dated(reporting: str) -> pl.Expr:
    """The currency with the UTC day of `start`, but for the one that money is converted to."""
    # A number, and not a date: a text of twelve bytes is compared in no time.
    day = (pl.col(START) // DAY).cast(pl.String)
    currency = pl.col(CURRENCY)
    return pl.when(currency == reporting).then(currency).otherwise(pl.concat_str(currency, day, separator=" "))
