"""Families in which one event stands for all: the first, the last, and the latest of each key.

Among events of the same time the hash of their (source, id) decides, so that their arrival cannot.
"""

import polars as pl
import polars_hash as plh

from kpi.aggregates.holding import Holding, Initial, counted
from kpi.aggregates.keys import key_hash, key_text
from kpi.plan import Group

ORDER = ("time", "tie", "value")
_TIE = plh.concat_str([pl.col("source"), pl.col("id")], separator="\x00").nchash.xxh3_64().reinterpret(signed=True)


class First(Holding):
    """`time`, `tie` and `value` of the first event, and `n`, the number of events."""

    ordered = True

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        return _initial(group, [pl.col(name).first() for name in ORDER], sign)


class Last(Holding):
    """`time`, `tie` and `value` of the last event, and `n`, the number of events."""

    ordered = True

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        return _initial(group, [pl.col(name).last() for name in ORDER], sign)


class Latest(Last):
    """The same for each key: `extra` is the XXH3 hash of its text."""

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        key, last = key_text(group), super().initial(group, sign)
        where = [*last.where, key.is_not_null()]
        return Initial(last.aggregates, where, prepared=[key], extra=key_hash(), order=last.order)


def _initial(group: Group, chosen: list[pl.Expr], sign: pl.Expr | None) -> Initial:
    # What is later by a rule of its own has that number in the place of its time.
    time = pl.col("time") if group.by is None else pl.sql_expr(group.by).cast(pl.Int64).alias("time")
    value = pl.sql_expr(next(c.value for c in group.columns if c.name == "value") or "null").cast(pl.Int64)
    order = [time, _TIE.alias("tie"), value.alias("value")]
    return Initial([*chosen, counted(sign).alias("n")], where=[value.is_not_null(), time.is_not_null()], order=order)
