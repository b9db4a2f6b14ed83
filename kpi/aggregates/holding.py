"""What the families of rows have in common: the steps from contributions to rows, and from rows to fewer rows."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import polars as pl

from kpi.aggregates.rows import START
from kpi.plan import Group


@dataclass(frozen=True, slots=True)
class Initial:
    """How contributions become rows, in one grouping.

    Those for which all of `where` hold; `prepared` are columns added to them; `extra` is the additional key;
    `aggregates` give the group's columns. `order`: where they depend on it, what the grouping sees and is sorted by.
    """

    aggregates: list[pl.Expr]
    where: list[pl.Expr] = field(default_factory=list)
    prepared: list[pl.Expr] = field(default_factory=list)
    extra: pl.Expr | None = None
    order: list[pl.Expr] = field(default_factory=list)


class Holding(ABC):
    """How the rows of one family are made and merged.

    `version` is that of their encoding. `ordered`: merging sees the rows by time, tie and value.
    """

    version = 1
    ordered = False

    @abstractmethod
    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """How contributions become rows. `sign`: +1 adds, -1 withdraws; None where nothing is ever withdrawn."""

    def normal(self, rows: pl.DataFrame, group: Group) -> pl.DataFrame:
        """The one form of rows that mean the same."""
        del group
        return rows

    def moved(self, rows: pl.DataFrame, start: pl.Expr) -> pl.DataFrame:
        """The rows as rows of the panes that begin at `start`, at or before their own."""
        return rows.with_columns(start.alias(START))


def counted(sign: pl.Expr | None, where: pl.Expr | None = None) -> pl.Expr:
    """The number of contributions, withdrawn ones taken off (Int64)."""
    if where is not None:
        return pl.when(where).then(pl.lit(1, pl.Int64) if sign is None else sign).otherwise(0).sum()
    return pl.len().cast(pl.Int64) if sign is None else sign.sum()


def summed(amount: pl.Expr) -> pl.Expr:
    """The sum of an integer expression (Int64). Where it does not fit, polars raises instead of wrapping around."""
    return amount.cast(pl.Int128).sum().cast(pl.Int64)
