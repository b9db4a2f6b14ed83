"""The grains of panes: one minute, fifteen minutes, and one day for each reporting zone.

Every zone's midnight lies on a quarter of an hour, so that any calendar window is a union of fifteen-minute panes.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
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
    `block`: how far a state frame reaches, in milliseconds; it only decides how state is laid out in memory.
    """

    name: str
    length: int | None
    zone: str
    keep: int | None
    block: int

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


def grains(zones: Sequence[str]) -> tuple[Grain, ...]:
    """The grains that a catalogue with these reporting zones keeps, finest first."""
    days = tuple(Grain(f"1d:{zone}", None, zone, None, 64 * DAY) for zone in dict.fromkeys(zones))
    return (
        Grain("1m", MINUTE, "UTC", 2 * DAY, HOUR),
        Grain("15m", QUARTER, "UTC", 60 * DAY, DAY),
        *days,
    )
