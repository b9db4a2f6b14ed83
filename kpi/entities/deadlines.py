"""Deadlines: the moment of a state plus the target that was in force then, or the end of a day."""

import datetime
from collections.abc import Mapping
from zoneinfo import ZoneInfoNotFoundError

import polars as pl

from kpi.calendars import UNKNOWN, BusinessTime
from kpi.entities.records import nullable
from kpi.grains import day_start
from schemas.entities import Deadline, Entity, NamedTarget


def deadline_expressions(
    entity: Entity, targets: Mapping[str, NamedTarget], calendars: Mapping[str, BusinessTime]
) -> list[pl.Expr]:
    """The entity's deadlines in epoch milliseconds; null where there is no target, no such day, or no calendar then."""
    return [_moment_of(each, entity, targets, calendars).alias(name) for name, each in entity.deadlines.items()]


def _moment_of(
    deadline: Deadline, entity: Entity, targets: Mapping[str, NamedTarget], calendars: Mapping[str, BusinessTime]
) -> pl.Expr:
    if deadline.target is None:
        return _by_day(deadline, entity)
    opened, length = pl.col(f"{deadline.after}_time"), _length(deadline, targets[deadline.target])
    if deadline.calendar is None:
        return opened + length
    calendar = calendars[deadline.calendar]

    def after(both: pl.Series) -> pl.Series:
        start, wanted = (both.struct.field(name).fill_null(UNKNOWN).to_numpy() for name in ("start", "length"))
        return nullable(pl.Series(calendar.after(start, wanted)))

    return pl.struct(start=opened, length=length).map_batches(after, return_dtype=pl.Int64)


def _by_day(deadline: Deadline, entity: Entity) -> pl.Expr:
    carried = deadline.zone in entity.states[deadline.after].carrying
    zone = pl.col(f"{deadline.after}_{deadline.zone}") if carried else pl.lit(deadline.zone)
    day = pl.col(f"{deadline.after}_{deadline.day}")
    return pl.struct(day=day, zone=zone).map_batches(_ends, return_dtype=pl.Int64)


def _ends(days: pl.Series) -> pl.Series:
    """The last millisecond of each {day: epoch milliseconds of its midnight in UTC, zone}."""
    frame = days.struct.unnest()
    known = frame.unique().drop_nulls()
    ends = [_end(day, zone) for day, zone in known.iter_rows()]
    return frame.join(known.with_columns(end=pl.Series(ends, dtype=pl.Int64)), on=["day", "zone"], how="left")["end"]


def _end(day: int, zone: str) -> int | None:
    """None for a zone that is not known, and for a day at the end of the calendar.

    Both come from records: one that is odd must not stop all others.
    """
    try:
        following = datetime.datetime.fromtimestamp(day / 1000, datetime.UTC).date() + datetime.timedelta(days=1)
        return day_start(following, zone) - 1
    except (OverflowError, ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _length(deadline: Deadline, target: NamedTarget) -> pl.Expr:
    """The target in milliseconds. The most specific one wins, then the latest."""
    opened = pl.col(f"{deadline.after}_time")
    chosen = pl.lit(None, pl.Int64)
    ranked = sorted(target.values, key=lambda value: (len(value.where), value.from_))
    for value in ranked:
        holds = opened >= _moment(value.from_)
        for name, wanted in value.where.items():
            holds &= pl.col(f"{deadline.after}_{name}") == wanted
        chosen = pl.when(holds).then(pl.lit(round((value.value or 0) * 1000), pl.Int64)).otherwise(chosen)
    return chosen


def _moment(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp() * 1000)
