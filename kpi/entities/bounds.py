"""Levels that count for a part of the time in which their state is held."""

from collections.abc import Mapping

import polars as pl

from kpi.formulas import names_in
from schemas.entities import Contribution


class Bounds:
    """The moments from which on and until which a level counts. `slots`: the states that it reads, with their names."""

    def __init__(self, contribution: Contribution, slots: Mapping[str, set[str]]) -> None:
        self._from = _moment(contribution.from_, slots)
        self._until = _moment(contribution.until, slots)

    def edges(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What begins and what ends (`__time`, `__sign`), of frames as `Tables` has them for bounded levels.

        A bound that was set later than the moment that it gives was not known then, and is none.
        """
        since, known_since = self._from
        until, known_until = self._until
        begin = pl.max_horizontal(pl.col("__begin"), since)
        bounded = frame.with_columns(
            pl.when(known_since.is_null() | (known_since <= begin))
            .then(begin)
            .otherwise(pl.col("__begin"))
            .alias("__begin"),
            __end=pl.min_horizontal(
                pl.col("__end"), pl.when(known_until.is_null() | (known_until <= until)).then(until)
            ),
        )
        held = bounded.filter(pl.col("__end").is_null() | (pl.col("__begin") < pl.col("__end")))
        ended = held.filter(pl.col("__end").is_not_null())
        return pl.concat(
            [
                held.with_columns(__time=pl.col("__begin")),
                ended.with_columns(__time=pl.col("__end"), __sign=-pl.col("__sign")),
            ]
        )


def _moment(sql: str | None, slots: Mapping[str, set[str]]) -> tuple[pl.Expr, pl.Expr]:
    """The moment, and when the last of the states was set that it is made of; null where there is none."""
    nothing = pl.lit(None, pl.Int64)
    if sql is None:
        return nothing, nothing
    named = set(names_in(sql))
    read = [pl.col(f"{slot}_time") for slot, names in slots.items() if named & names]
    return pl.sql_expr(sql).cast(pl.Int64), pl.max_horizontal(nothing, *read)
