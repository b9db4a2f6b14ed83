"""The calls of a bank's call centre, counted every five minutes, as one event a call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

STREAM = "support.contact"
STEP = 300_000
"""Milliseconds that one count covers."""
DAY = 86_400_000
CALLERS = 7_919
"""Customers among whom the calls are dealt; a prime, so that none always calls at the same time of an interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How many calls arrived in the five minutes from `start` (epoch milliseconds)."""

    start: int
    calls: int


def intervals(rows: Iterable[tuple[str, int]]) -> list[Interval]:
    """Rows of (RFC 3339 time, calls) in order of time."""
    read = (Interval(round(datetime.fromisoformat(at).timestamp() * 1000), int(calls)) for at, calls in rows)
    return sorted(read, key=lambda interval: interval.start)


def last_days(all_intervals: list[Interval], days: int) -> list[Interval]:
    """The intervals of the last `days` UTC days on which there were any."""
    kept = set(sorted({interval.start // DAY for interval in all_intervals})[-days:])
    return [interval for interval in all_intervals if interval.start // DAY in kept]


def shift_to_end_at(chosen: list[Interval], end: int) -> int:
    """Milliseconds to add so that the last interval ends at `end` or less than five minutes before it.

    A whole number of intervals: the five-minute windows of the shifted calls are those of the file.
    """
    return (end - (chosen[-1].start + STEP)) // STEP * STEP


def calls(chosen: list[Interval], shift: int) -> pl.DataFrame:
    """One row a call, in order of time: the fields of a `support.contact` event, with its id and time (milliseconds).

    The calls of an interval are spread evenly over it. Ids follow from the file alone: a second replay is recognised.
    """
    table = pl.DataFrame(
        {"start": [interval.start for interval in chosen], "calls": [interval.calls for interval in chosen]},
        schema={"start": pl.Int64, "calls": pl.Int64},
    )
    each = (
        table.with_row_index("place")
        .with_columns(number=pl.int_ranges(0, "calls"))
        .explode("number", empty_as_null=False)
    )
    name = pl.format("bank-{}-{}", pl.col("start") // 1000, "number")
    caller = (pl.col("place") * 31 + pl.col("number") * 17) % CALLERS
    return each.select(
        id=name,
        time=pl.col("start") + pl.col("number") * STEP // pl.col("calls") + shift,
        contact_id=name,
        customer_id=pl.format("caller-{}", caller),
        channel=pl.lit("phone"),
        direction=pl.lit("in"),
        reason=pl.lit("account"),
        answered=pl.lit(value=True),
    )
