"""Counts per key: how often each of them occurred, whatever it is that is asked about them."""

import polars as pl
import polars_hash as plh

from kpi.aggregates.holding import Holding, Initial, counted
from kpi.plan import Group

_KEY = "__key"
_HASH = plh.col(_KEY).nchash.xxh3_64()


class Keys(Holding):
    """One row for each key: `n`, the number of its contributions. `extra` is the XXH3 hash of its text."""

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        key = key_text(group)
        return Initial([counted(sign).alias("n")], where=[key.is_not_null()], prepared=[key], extra=key_hash())


def key_text(group: Group) -> pl.Expr:
    """The text of the group's key, as the column that `key_hash` reads: hashes are of named columns only."""
    return pl.sql_expr(group.extra or "null").cast(pl.String).alias(_KEY)


def key_hash() -> pl.Expr:
    """The hash (UInt64) of the text in `key_text`'s column."""
    return _HASH
