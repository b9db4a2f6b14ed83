"""The grains of panes: one minute, fifteen minutes, and one day for each distinct midnight of the reporting zones.

Every zone's midnight lies on a quarter of an hour, so that any calendar window is a union of fifteen-minute panes.
"""

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import polars as pl

MINUTE = 60_000
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Grain:
    """One length of pane. `length` is in milliseconds; None for a day of `zone` (23 to 25 hours).

    `keep`: how long before the watermark a pane is retained, in milliseconds; None for ever.
    `block`: how far a state frame reaches, in milliseconds; what leaves retention leaves it by whole blocks.
    `sharing`: further zones whose days have begun at the same moments since `SHARED_SINCE`.
    """

    name: str
    length: int | None
    zone: str
    keep: int | None
    block: int
    sharing: tuple[str, ...] = ()

    def has_days_of(self, zone: str, start: int) -> bool:
        """Whether its panes from `start` on (epoch milliseconds) are the days of `zone`."""
        return self.length is None and (zone == self.zone or (zone in self.sharing and start >= SHARED_SINCE))

    def start_of(self, column: str) -> pl.Expr:
        """The start of the pane that holds the time in `column` (epoch milliseconds)."""
        if self.length is not None:
            return pl.col(column) - pl.col(column) % self.length
        if self.zone == "UTC":
            return pl.col(column) - pl.col(column) % DAY
        local = pl.from_epoch(column, time_unit="ms").dt.replace_time_zone("UTC").dt.convert_time_zone(self.zone)
        # A day that has no midnight (the clocks jump over it) begins at its first instant, which truncation finds.
        return local.dt.truncate("1d").dt.epoch("ms")

    def end_of(self, start: int) -> int:
        """The end of the pane that starts at `start`, both epoch milliseconds."""
        if self.length is not None:
            return start + self.length
        return midnight_after(start, self.zone)


def midnight_after(moment: int, zone: str) -> int:
    """The first instant of the next day of `zone` after `moment`, epoch milliseconds."""
    if zone == "UTC":
        return moment - moment % DAY + DAY
    tz = ZoneInfo(zone)
    local = datetime.datetime.fromtimestamp(moment / 1000, tz)
    return day_start(local.date() + datetime.timedelta(days=1), zone)


def day_start(day: datetime.date, zone: str) -> int:
    """The first instant of `day` in `zone`, epoch milliseconds; where midnight does not exist, the moment the
    clocks jump to.
    """
    tz = ZoneInfo(zone)
    naive = datetime.datetime.combine(day, datetime.time())
    moment = int(naive.replace(tzinfo=tz, fold=0).timestamp() * 1000)
    while datetime.datetime.fromtimestamp(moment / 1000, tz).date() < day:
        moment += QUARTER
    return moment


@functools.cache
def _midnights(zone: str) -> pl.Series:
    """The start of every day of `zone` from 2000 to 2100.

    Zones that were set apart by a law of the last century seldom matter for what is measured today, and after 2037
    the time zone database only repeats its rules, so that a century from 2000 on holds whatever tells two zones apart.
    """
    days = pl.date_range(datetime.date(2000, 1, 2), datetime.date(2100, 1, 1), eager=True).cast(pl.Datetime("ms"))
    noons = days.dt.offset_by("12h").dt.replace_time_zone(zone, ambiguous="earliest")
    return noons.dt.truncate("1d").dt.epoch("ms")


SHARED_SINCE = 946_857_600_000
"""2000-01-03T00:00Z: from here on days are shared by the zones that agree on all midnights of `_midnights`."""


def _days(zones: Sequence[str]) -> list[Grain]:
    days: list[Grain] = []
    for zone in dict.fromkeys(zones):
        for place, known in enumerate(days):
            if _midnights(zone).equals(_midnights(known.zone)):
                days[place] = replace(known, sharing=(*known.sharing, zone))
                break
        else:
            days.append(Grain(f"1d:{zone}", None, zone, None, 8 * DAY))
    return days


@functools.cache
def _grains(zones: tuple[str, ...]) -> tuple[Grain, ...]:
    fine = Grain("1m", MINUTE, "UTC", 2 * DAY, HOUR), Grain("15m", QUARTER, "UTC", 60 * DAY, DAY)
    return (*fine, *_days(zones))


def grains(zones: Sequence[str]) -> tuple[Grain, ...]:
    """The grains that a catalogue with these reporting zones keeps, finest first.

    A day grain is named by the first zone that has its midnights.
    """
    return _grains(tuple(zones))
