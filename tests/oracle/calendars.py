"""Open time, minute by minute: what a clock on the wall shows, and whether that is an open hour."""

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = 60_000

Shown = tuple[tuple[int, int], tuple[int, int]]
"""From when to when, each as (hour, minute); (24, 0) is the end of the day."""


class Desk(NamedTuple):
    """When somebody is there. `hours`: by weekday, 0 for Monday; `since`: a day from which on this holds."""

    zone: str
    hours: Mapping[int, Sequence[Shown]]
    holidays: frozenset[datetime.date] = frozenset()
    since: datetime.date = datetime.date.min


def _is_open(desks: Sequence[Desk], minute: int) -> bool:
    """Whether it is open in the minute that begins at these epoch milliseconds. `desks`: in the order of `since`."""
    for desk in reversed(desks):
        clock = datetime.datetime.fromtimestamp(minute // 1000, ZoneInfo(desk.zone))
        if clock.date() >= desk.since:
            now = (clock.hour, clock.minute)
            here = any(start <= now < end for start, end in desk.hours.get(clock.weekday(), ()))
            return here and clock.date() not in desk.holidays
    return False


def elapsed(desks: Sequence[Desk], start: int, end: int) -> int:
    """The open milliseconds of [start, end)."""
    found = 0
    for minute in range(start - start % MINUTE, end, MINUTE):
        if _is_open(desks, minute):
            found += min(end, minute + MINUTE) - max(start, minute)
    return found


def last_within(desks: Sequence[Desk], start: int, length: int) -> int:
    """The last moment up to which no more than `length` open milliseconds have passed since `start`."""
    minute = start - start % MINUTE
    while True:
        part = minute + MINUTE - max(start, minute)
        if _is_open(desks, minute):
            if length < part:
                return max(start, minute) + length
            length -= part
        minute += MINUTE
