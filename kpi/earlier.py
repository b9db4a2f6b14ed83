"""The window that another one is compared with, and how much of both when the later one is not over."""

import calendar
import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

from kpi.grains import DAY, MINUTE, QUARTER, day_start
from kpi.windows import Kind, Window, previous, window_at

Ago = Literal["previous", "week", "month", "year"]

Step = Ago | Mapping[str, str]
"""How far back; or, by the name of a window, the period that it is compared with."""

_LONGEST: Final = {"week": 7, "month": 31, "year": 366}
"""Days."""
_PERIODS: Final = {
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII),
    "week": re.compile(r"(\d{4})-W(\d\d)", re.ASCII),
    "month": re.compile(r"(\d{4})-(\d\d)", re.ASCII),
    "quarter": re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    "year": re.compile(r"(\d{4})", re.ASCII),
}
_WRITTEN: Final = {"day": "2025-03-01", "week": "2025-W10", "month": "2025-03", "quarter": "2025-Q1", "year": "2025"}
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Sides:
    """What is read to compare a window: in its place `window`, and by name the earlier ones that there are."""

    window: Window
    earlier: Mapping[str, Window]


def earlier(window: Window, step: Step) -> Window | None:
    """The window before, or the same one a week, a month or a year ago; None for windows that are longer than that.
    Where a step names periods, the one for windows of this name; None without one, and for windows before it.

    A day is that of the same date, or the month's last where it has no such date. A week is the one that holds the same
    date as its Thursday, which is the day that says to which year a week belongs. Rolling and tumbling windows have the
    same length, and end or begin at the same time of the day.
    """
    if not isinstance(step, str):
        return _declared(window, step)
    ago = step
    if ago == "previous":
        return previous(window)
    if is_longer(window.end - window.start, ago):
        return None
    if window.kind is Kind.calendar:
        day = _local(window.start, window.zone).date() + datetime.timedelta(days=3 if window.name == "week" else 0)
        moment = day_start(_before(day, ago), window.zone)
        return window_at(window.name, window.kind, moment, window.zone, first_month=window.first_month)
    anchor = window.end if window.kind is Kind.rolling else window.start
    local = _local(anchor, window.zone)
    day = _before(local.date(), ago)
    moved = int(local.replace(year=day.year, month=day.month, day=day.day).timestamp() * 1000) - anchor
    return replace(window, start=window.start + moved, end=window.end + moved)


def _declared(window: Window, periods: Mapping[str, str]) -> Window | None:
    if window.kind is not Kind.calendar or window.name not in periods:
        return None
    first = first_day(window.name, periods[window.name], window.first_month)
    moment = day_start(first, window.zone)
    found = window_at(window.name, window.kind, moment, window.zone, first_month=window.first_month)
    return found if found.start <= window.start else None


def first_day(name: str, period: str, first_month: int = 1) -> datetime.date:
    """The first day of a period: a day 2025-03-01, a week 2025-W10, a month 2025-03, a quarter 2025-Q1, a year 2025.

    Quarters and years are named by the year in which they, or their first quarter, begin. Raises ValueError.
    """
    found = _PERIODS[name].fullmatch(period)
    if found is None:
        raise ValueError(f"{period!r} is no {name}: write it like {_WRITTEN[name]}")
    year, *rest = map(int, found.groups())
    try:
        match name:
            case "week":
                return datetime.date.fromisocalendar(year, rest[0], 1)
            case "day":
                return datetime.date(year, rest[0], rest[1])
            case "month":
                return datetime.date(year, rest[0], 1)
    except ValueError:
        raise ValueError(f"{period!r} is no {name}: it is not in the calendar") from None
    month = first_month + (3 * (rest[0] - 1) if rest else 0)
    return datetime.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def is_longer(length: int, ago: Ago) -> bool:
    """Whether windows of this length (ms) have no same one so long ago, as they would overlap it."""
    return ago != "previous" and round(length / DAY) > _LONGEST[ago]


def sides(
    window: Window, steps: Mapping[str, Step], known: int | None, keeps: Callable[[Window], bool], *, to_date: bool
) -> Sides:
    """What is read to compare a window of which everything before `known` (epoch milliseconds) has come in.

    A period that is not over is read up to the same elapsed time on all sides, or up to as many whole days, whichever
    the panes still tell (`keeps`); without `to_date` nothing is comparable before it is over. A rolling window is the
    last one that is known.
    """
    for tried in _tried(window, steps, known, to_date):
        if all(keeps(each) for each in (tried.window, *tried.earlier.values())):
            return tried
    return Sides(window, {})


def _tried(window: Window, steps: Mapping[str, Step], known: int | None, to_date: bool) -> Iterator[Sides]:
    """From the finest on."""
    if known is None or known <= window.start:
        return
    if window.kind is Kind.rolling:
        for end in _ends(min(window.end, known), window.zone):
            if end > window.start:
                moved = replace(window, start=window.start + end - window.end, end=end)
                yield Sides(moved, _all_earlier(moved, steps))
        return
    others = _all_earlier(window, steps)
    if known >= window.end:
        yield Sides(window, others)
    elif to_date:
        for step in (MINUTE, QUARTER):
            if elapsed := (known - window.start) // step * step:
                yield Sides(_first(window, elapsed), {name: _first(one, elapsed) for name, one in others.items()})
        days = (_local(known, window.zone).date() - _local(window.start, window.zone).date()).days
        if days:
            yield Sides(_days(window, days), {name: _days(one, days) for name, one in others.items()})


def _all_earlier(window: Window, steps: Mapping[str, Step]) -> dict[str, Window]:
    found = {name: earlier(window, step) for name, step in steps.items()}
    return {name: one for name, one in found.items() if one is not None}


def _ends(moment: int, zone: str) -> Iterator[int]:
    yield moment - moment % MINUTE
    yield moment - moment % QUARTER
    yield day_start(_local(moment, zone).date(), zone)


def _first(window: Window, elapsed: int) -> Window:
    return replace(window, until=min(window.start + elapsed, window.end))


def _days(window: Window, days: int) -> Window:
    midnight = day_start(_local(window.start, window.zone).date() + datetime.timedelta(days=days), window.zone)
    return replace(window, until=min(midnight, window.end))


def _local(moment: int, zone: str) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment / 1000, ZoneInfo(zone))


def _before(day: datetime.date, ago: Literal["week", "month", "year"]) -> datetime.date:
    if ago == "week":
        return day - datetime.timedelta(days=7)
    year, month = divmod(day.year * 12 + day.month - 1 - _MONTHS[ago], 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
