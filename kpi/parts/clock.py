"""How moments read on a clock: dimensions such as the hour of the week."""

import polars as pl

from kpi.grains import DAY
from schemas.parts import PartDimension
from schemas.times import EARLIEST, LATEST

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = tuple(f"{hour:02}" for hour in range(24))


def dimension(declared: PartDimension) -> pl.Expr:
    """The dimension's values, String; null where there is no moment."""
    if declared.entry is not None:
        return pl.col(declared.of or "").str.extract(rf"(?:^|; ){declared.entry}=([^;]*)")
    if declared.moment is None:
        return pl.sql_expr(declared.sql or "null").cast(pl.String)
    moment = pl.sql_expr(declared.moment).cast(pl.Int64)
    # Local time at the ends of the calendar may lie beyond them.
    moment = pl.when(moment.is_between(EARLIEST + DAY, LATEST - DAY)).then(moment)
    local = pl.from_epoch(moment, time_unit="ms").dt.replace_time_zone("UTC").dt.convert_time_zone(declared.zone)
    day = (local.dt.weekday() - 1).replace_strict(dict(enumerate(DAYS)), return_dtype=pl.String)
    hour = local.dt.hour().replace_strict(dict(enumerate(HOURS)), return_dtype=pl.String)
    if declared.day_of_week is not None:
        return day
    return hour if declared.hour_of_day is not None else pl.concat_str(day, hour, separator=" ")


def values(declared: PartDimension) -> tuple[str, ...]:
    """Every value that the dimension can have, in their order; empty where it is an expression."""
    if declared.day_of_week is not None:
        return DAYS
    if declared.hour_of_day is not None:
        return HOURS
    return tuple(f"{day} {hour}" for day in DAYS for hour in HOURS) if declared.hour_of_week is not None else ()
