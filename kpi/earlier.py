"""The window that another one is compared with, and how much of both when the later one is not over."""

import calendar
import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

from kpi.grains import DAY, MINUTE, QUARTER, day_start
from kpi.windows import Kind, Window, previous, window_at

Ago = Literal["previous", "week", "month", "year"]

_LONGEST: Final = {"week": 7, "month": 31, "year": 366}
"""Days."""
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Sides:
    """What is read to compare a window: in its place `window`, and by name the earlier ones that there are."""

    window: Window
    earlier: Mapping[str, Window]


def earlier(window: Window, ago: Ago) -> Window | None:
    """The window before, or the same one a week, a month or a year ago; None for windows that are longer than that.

    A day is that of the same date, or the month's last where it has no such date. A week is the one that holds the same
    date as its Thursday, which is the day that says to which year a week belongs. Rolling and tumbling windows have the
    same length, and end or begin at the same time of the day.
    """
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


def is_longer(length: int, ago: Ago) -> bool:
    """Whether windows of this length (ms) have no same one so long ago, as they would overlap it."""
    return ago != "previous" and round(length / DAY) > _LONGEST[ago]


def sides(
    window: Window, steps: Mapping[str, Ago], known: int | None, keeps: Callable[[Window], bool], *, to_date: bool
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


def _tried(window: Window, steps: Mapping[str, Ago], known: int | None, to_date: bool) -> Iterator[Sides]:
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


def _all_earlier(window: Window, steps: Mapping[str, Ago]) -> dict[str, Window]:
    found = {name: earlier(window, ago) for name, ago in steps.items()}
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
