"""Dates of records as moments: the first instant of a local day."""

import datetime
from zoneinfo import ZoneInfoNotFoundError

import polars as pl

from kpi.grains import day_start
from schemas.parts import Spread
from schemas.streams import Stream


def zone_in(stream: Stream, zone: str) -> pl.Expr:
    """A declared zone on the stream's records: the field of that name, else the IANA name itself."""
    return pl.col(zone) if zone in stream.columns else pl.lit(zone)


def days_of(spread: Spread) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last date of what is spread (Int64, epoch milliseconds of UTC midnights)."""
    if spread.month is None:
        return pl.col(spread.from_ or ""), pl.col(spread.to or "")
    day = pl.from_epoch(pl.col(spread.month), "ms")
    return day.dt.month_start().dt.timestamp("ms"), day.dt.month_end().dt.timestamp("ms")


def first_instant(day: pl.Expr, zone: pl.Expr) -> pl.Expr:
    """When each date (Int64, epoch milliseconds of its UTC midnight) begins in its zone, epoch milliseconds.

    Null where there is no such day.
    """
    return pl.struct(day=day, zone=zone).map_batches(_starts, return_dtype=pl.Int64)


def _starts(days: pl.Series) -> pl.Series:
    frame = days.struct.unnest()
    known = frame.unique().drop_nulls()
    starts = [_start(day, zone) for day, zone in known.iter_rows()]
    found = known.with_columns(start=pl.Series(starts, dtype=pl.Int64))
    return frame.join(found, on=["day", "zone"], how="left", maintain_order="left")["start"]


def _start(day: int, zone: str) -> int | None:
    """None for a zone that is not known, and for a day at the end of the calendar.

    Both come from records: one that is odd must not stop all others.
    """
    try:
        return day_start(datetime.datetime.fromtimestamp(day / 1000, datetime.UTC).date(), zone)
    except (OverflowError, ValueError, OSError, ZoneInfoNotFoundError):
        return None
