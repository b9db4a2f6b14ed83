"""One value over many days, in shares that add up to it."""

from collections.abc import Iterator

import polars as pl

from kpi.grains import DAY

MOST_DAYS = 1_100
"""The longest span that is spread: three years."""
MOST_ROWS = 1_000_000
"""So many shares are made at once."""

_DAYS, _PLACE = "__days", "__place"


def days_between(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """How many days there are from one date to another, both included (epoch milliseconds of UTC midnights)."""
    return (last - first) // DAY + 1


def spread(frame: pl.DataFrame, first: str, last: str, *, whole: bool = False) -> Iterator[pl.DataFrame]:
    """The rows of `frame`, which has `value`, once for each day from the date in the column `first` to that in `last`.

    In `first` stands the day then, in `value` its share, or with `whole` all of it. Rows without dates, or with
    more than `MOST_DAYS`, have none.
    """
    counted = frame.with_columns(days_between(pl.col(first), pl.col(last)).alias(_DAYS))
    counted = counted.filter(pl.col(_DAYS).is_between(1, MOST_DAYS))
    pieces = [counted]
    if counted[_DAYS].sum() > MOST_ROWS:
        step = MOST_ROWS // MOST_DAYS
        pieces = [counted.slice(start, step) for start in range(0, counted.height, step)]
    for piece in pieces:
        rows = piece.with_columns(pl.int_ranges(0, _DAYS).alias(_PLACE)).explode(_PLACE)
        days, place = pl.col(_DAYS), pl.col(_PLACE)
        # v = q x n + r: the product of the whole value and a day's number might not fit 64 bits.
        each, rest = pl.col("value") // days, pl.col("value") % days
        share = pl.col("value") if whole else each + rest * (place + 1) // days - rest * place // days
        yield rows.with_columns(pl.col(first) + place * DAY, value=share).drop(_DAYS, _PLACE)
