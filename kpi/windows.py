"""Rolling, tumbling and calendar windows, and which of them a moment belongs to. All times are epoch milliseconds."""

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from kpi.grains import MINUTE, day_start
from schemas.durations import milliseconds
from schemas.kpis import Windows
from schemas.times import to_datetime

CALENDAR = ("day", "week", "month", "quarter", "year")


class Kind(StrEnum):
    """How windows of one name follow each other: overlapping, side by side, or by the calendar of a zone."""

    rolling = "rolling"
    tumbling = "tumbling"
    calendar = "calendar"


class UnknownWindow(ValueError):
    """A name that is no window."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span [start, end) with the name it was asked by. `zone` decides calendar windows, and `first_month` (1 to 12)
    where years and quarters begin; the others ignore them. `until`: up to where alone it is read; None: to its end.
    """

    name: str
    kind: Kind
    start: int
    end: int
    zone: str
    first_month: int = 1
    until: int | None = None

    @property
    def read_to(self) -> int:
        """Where reading ends, epoch milliseconds."""
        return self.end if self.until is None else self.until


def length_of(name: str) -> int:
    """Milliseconds of a rolling or tumbling window's name. Raises UnknownWindow unless it is whole minutes."""
    try:
        length = milliseconds(name)
    except ValueError as error:
        raise UnknownWindow(str(error)) from None
    if length <= 0 or length % MINUTE:
        raise UnknownWindow(f"{name!r} is not a whole number of minutes, the shortest window that is kept")
    return length


def kind_of(name: str, declared: Windows | None = None) -> Kind:
    """The kind of a window's name: as declared, else calendar or tumbling. Raises UnknownWindow."""
    if name in CALENDAR:
        return Kind.calendar
    length_of(name)
    return Kind.rolling if declared is not None and name in declared.rolling else Kind.tumbling


def window_at(
    name: str,
    kind: Kind,
    at: int,
    zone: str,
    *,
    complete: bool = False,
    include_open: bool = False,
    first_month: int = 1,
) -> Window:
    """The window that `at` belongs to.

    A rolling one ends at the last whole minute at or before `at`; with `include_open`, as the running minute ends.
    A tumbling or calendar one holds `at`; with `complete` it is the last one that ended at or before `at`.
    """
    if kind is Kind.rolling:
        end = at - at % MINUTE
        if include_open and at % MINUTE:
            end += MINUTE
        return Window(name, kind, end - length_of(name), end, zone, first_month)
    holding = _holding(name, kind, at, zone, first_month)
    return previous(holding) if complete else holding


def previous(window: Window) -> Window:
    """The window of the same kind that ends where this one starts."""
    if window.kind is Kind.calendar:
        return _holding(window.name, window.kind, window.start - 1, window.zone, window.first_month)
    length = window.end - window.start
    return replace(window, start=window.start - length, end=window.start, until=None)


def complete_windows(name: str, kind: Kind, at: int, zone: str, count: int, *, first_month: int = 1) -> list[Window]:
    """The last `count` windows that ended at or before `at`, the newest first. Rolling ones are taken side by side."""
    stepwise = Kind.tumbling if kind is Kind.rolling else kind
    window = window_at(name, stepwise, at, zone, complete=True, first_month=first_month)
    windows = [window]
    while len(windows) < count:
        windows.append(previous(windows[-1]))
    return windows


def days_of(window: Window) -> tuple[datetime.date, datetime.date]:
    """The first and the last day that it touches: of its own zone where the calendar decides it, else of UTC."""
    zone = ZoneInfo(window.zone) if window.kind is Kind.calendar else datetime.UTC
    first, last = (to_datetime(moment).astimezone(zone).date() for moment in (window.start, window.end - 1))
    return first, last


def _holding(name: str, kind: Kind, at: int, zone: str, first_month: int) -> Window:
    if kind is not Kind.calendar:
        length = length_of(name)
        start = at - at % length
        return Window(name, kind, start, start + length, zone, first_month)
    today = datetime.datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()
    first, following = _period(name, today, first_month)
    return Window(name, kind, day_start(first, zone), day_start(following, zone), zone, first_month)


def _period(name: str, day: datetime.date, first_month: int) -> tuple[datetime.date, datetime.date]:
    """The first day of the calendar period that holds `day`, and that of the next one. Weeks start on Monday."""
    if name == "day":
        return day, day + datetime.timedelta(days=1)
    if name == "week":
        monday = day - datetime.timedelta(days=day.weekday())
        return monday, monday + datetime.timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[name]
    index = day.year * 12 + day.month - 1
    index -= (index - first_month + 1) % months
    return _month(index), _month(index + months)


def _month(index: int) -> datetime.date:
    return datetime.date(index // 12, index % 12 + 1, 1)
