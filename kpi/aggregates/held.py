"""Levels by key: whose they are, and not only how high."""

import polars as pl

from kpi.aggregates.holding import Holding, Initial, summed
from kpi.aggregates.keys import key_hash, key_text
from kpi.plan import Group


class Held(Holding):
    """One row for each key: `change`, the sum of the changes of its level. `extra` is the XXH3 hash of its text."""

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`. Contributions have the change as `value`."""
        key, value = key_text(group), pl.col("value").cast(pl.Int64)
        change = summed(value if sign is None else value * sign)
        return Initial([change.alias("change")], where=[key.is_not_null()], prepared=[key], extra=key_hash())
