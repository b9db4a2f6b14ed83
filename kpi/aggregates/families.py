"""Every family of rows, and what is done with rows of any of them."""

import polars as pl

from kpi.aggregates.chosen import ORDER, First, Last, Latest
from kpi.aggregates.held import Held
from kpi.aggregates.histogram import Histogram
from kpi.aggregates.holding import Holding, summed
from kpi.aggregates.keys import Keys
from kpi.aggregates.level import Level
from kpi.aggregates.rows import SAFE_SUM, CannotWithdraw, SumOverflow, checked, largest, present, row_key, sums
from kpi.aggregates.totals import Totals
from kpi.plan import Family, Group, Merge

HOLDINGS: dict[Family, Holding] = {
    Family.totals: Totals(),
    Family.histogram: Histogram(),
    Family.keys: Keys(),
    Family.level: Level(),
    Family.first: First(),
    Family.last: Last(),
    Family.latest: Latest(),
    Family.held: Held(),
}

_MERGES = {Merge.min: pl.Expr.min, Merge.max: pl.Expr.max, Merge.first: pl.Expr.first, Merge.last: pl.Expr.last}


def merged(frame: pl.DataFrame, group: Group) -> pl.DataFrame:
    """Rows with equal pane, dimension values and extra merged into one. Rows whose sums are all zero vanish.

    Raises SumOverflow.
    """
    holding, added = HOLDINGS[group.family], sums(group)
    # 128 bits cost several times as much, and are needed only where 64 might not do.
    plain = largest(frame, added) * frame.height <= SAFE_SUM
    total = pl.Expr.sum if plain else summed
    expressions = [_MERGES.get(column.merge, total)(pl.col(column.name)) for column in group.columns]
    ordered = frame.sort(ORDER) if holding.ordered else frame
    try:
        rows = ordered.group_by(row_key(group)).agg(expressions)
    except pl.exceptions.InvalidOperationError as error:
        raise SumOverflow(f"a sum of {group.source} does not fit 64 bits: declare a smaller scale") from error
    return present(checked(holding.normal(rows, group), added), group)


def moved(frame: pl.DataFrame, group: Group, start: pl.Expr) -> pl.DataFrame:
    """The rows as rows of the coarser panes that begin at `start`, not merged yet. Raises SumOverflow."""
    try:
        return checked(HOLDINGS[group.family].moved(frame, start), sums(group))
    except pl.exceptions.InvalidOperationError as error:
        raise SumOverflow(f"an integral of {group.source} does not fit 64 bits: declare a smaller scale") from error


def withdrawn(frame: pl.DataFrame, group: Group) -> pl.DataFrame:
    """Rows that, merged with `frame`, leave nothing. Raises CannotWithdraw."""
    refuse_withdrawals(group)
    negated = frame.with_columns(-pl.col(name) for name in sums(group))
    return HOLDINGS[group.family].normal(negated, group)


def refuse_withdrawals(group: Group) -> None:
    """Raises CannotWithdraw where something of the group is not a sum."""
    kept = sorted({column.merge.value for column in group.columns if column.merge is not Merge.sum})
    if kept:
        raise CannotWithdraw(
            f"a {' and a '.join(kept)} of {group.source} cannot be withdrawn: what was there before is not kept; "
            "use aggregates that are sums, such as count, sum, mean or quantile"
        )
