"""Calendars as the moments at which they open and close, so that open time can be measured, and found again."""

import datetime
import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from kpi.grains import DAY, MINUTE, day_start
from schemas.calendars import Calendar

Integers = npt.NDArray[np.int64]

UNKNOWN = -(2**63)
"""Stands for no moment, and for no length of time."""

_FIRST, _LAST = datetime.date(1970, 1, 1), datetime.date(2100, 1, 1)
SINCE, UNTIL = (
    int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp() * 1000) for day in (_FIRST, _LAST)
)
"""Epoch milliseconds from which on, and up to which, calendars are known at all."""

_THURSDAY = 3
"""The first day of the epoch, counted from Monday."""


class BusinessTime:
    """The open time of a calendar. All moments are epoch milliseconds, lengths are milliseconds.

    `opens`, `closes`: ascending, each closing after its opening, and the next opening after that. It is known from
    `since` up to, and including, `until`.
    """

    def __init__(self, opens: Integers, closes: Integers, since: int, until: int) -> None:
        self.opens, self.closes, self.since, self.until = opens, closes, since, until
        self._before = np.concatenate([[0], np.cumsum(closes - opens)])
        """Open time before each opening, and at the end all of it."""

    def before(self, moments: Integers) -> Integers:
        """The open time from the first opening up to each moment. Moments outside of what is known are its ends."""
        place = np.searchsorted(self.opens, moments, side="right") - 1
        there = np.maximum(place, 0)
        within = np.minimum(moments, self.closes[there]) - self.opens[there]
        return np.where(place < 0, 0, self._before[there] + within)

    def elapsed(self, start: Integers, end: Integers) -> Integers:
        """The open time from each start to its end, negative where that is earlier; UNKNOWN where either is."""
        found = self.before(end) - self.before(start)
        return np.where(self._knows(start) & self._knows(end), found, UNKNOWN)

    def after(self, start: Integers, length: Integers) -> Integers:
        """The last moment up to which no more than `length` (>= 0) of open time has passed since `start`.

        So a moment is at or before it exactly if the open time up to that moment is at most `length`. UNKNOWN where
        `start` or `length` is, or the moment lies beyond what is known.
        """
        known = self._knows(start) & (length != UNKNOWN)
        goal = self.before(start) + np.where(known, length, 0)
        place = np.searchsorted(self._before[:-1], goal, side="right") - 1
        found = self.opens[place] + goal - self._before[place]
        return np.where(known & (goal < self._before[-1]) & (found <= self.until), found, UNKNOWN)

    def longest(self, length: int) -> int:
        """The longest time, from any moment on, in which no more than `length` of open time passes.

        UNTIL - SINCE where it is longer than all that is known.
        """
        # Any other start can be moved back, with its end, until what is left is used up just as it closes.
        goals = self._before[:-1] - length
        goals = goals[goals >= 0]
        place = np.maximum(np.searchsorted(self._before, goals, side="left") - 1, 0)
        start = np.concatenate([[self.since], self.opens[place] + goals - self._before[place]])
        end = self.after(start, np.full(len(start), length, np.int64))
        known = end != UNKNOWN
        return int((end - start)[known].max()) if known.any() else UNTIL - SINCE

    def _knows(self, moments: Integers) -> npt.NDArray[np.bool_]:
        return (moments >= self.since) & (moments <= self.until)


@functools.cache
def business_time(versions: tuple[Calendar, ...]) -> BusinessTime:
    """The open time of a calendar that was declared in `versions`, by the day from which on each counts."""
    starts = [_start(version) for version in versions]
    pieces = [
        _clipped(_open(version), start, end)
        for version, start, end in zip(versions, starts, [*starts[1:], UNTIL], strict=True)
    ]
    opens, closes = (np.concatenate(edges) for edges in zip(*pieces, strict=True))
    first = np.ones(len(opens), bool)
    first[1:] = opens[1:] > closes[:-1]
    return BusinessTime(opens[first], closes[np.append(first[1:], True)], starts[0], UNTIL)


def _start(version: Calendar) -> int:
    return SINCE if version.valid_from is None else max(day_start(version.valid_from, version.zone), SINCE)


def _open(version: Calendar) -> tuple[Integers, Integers]:
    """When it opens and closes, over all that is known.

    Between two changes of the clocks what they show is the time and a constant. So an hour that is skipped is open
    for nothing, and one that comes twice is open twice.
    """
    shown_from, shown_to = _shown(version)
    opens, closes = [], []
    for start, end, offset in _offsets(version.zone):
        first = np.searchsorted(shown_to, start + offset, side="right")
        last = np.searchsorted(shown_from, end + offset, side="left")
        opens.append(np.maximum(shown_from[first:last] - offset, start))
        closes.append(np.minimum(shown_to[first:last] - offset, end))
    return np.concatenate(opens), np.concatenate(closes)


def _shown(version: Calendar) -> tuple[Integers, Integers]:
    """From what to what the clocks show while it is open, as milliseconds since they showed the epoch's beginning."""
    known = np.arange(SINCE // DAY - 1, UNTIL // DAY + 2)
    holidays = np.array([(day - _FIRST).days for day in version.holidays], np.int64)
    known = known[~np.isin(known, holidays)]
    starts, ends = [], []
    for number, (_, hours) in enumerate(version.hours.days()):
        midnights = known[(known + _THURSDAY) % 7 == number] * DAY
        starts += [midnights + start * MINUTE for start, _ in hours]
        ends += [midnights + end * MINUTE for _, end in hours]
    return np.sort(np.concatenate(starts)), np.sort(np.concatenate(ends))


def _clipped(edges: tuple[Integers, Integers], start: int, end: int) -> tuple[Integers, Integers]:
    opens, closes = np.maximum(edges[0], start), np.minimum(edges[1], end)
    some = opens < closes
    return opens[some], closes[some]


def _offsets(zone: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, offset): between these moments the clocks of the zone show the time and so many milliseconds."""
    changes = [SINCE, *_changes(zone), UNTIL]
    for start, end in pairwise(changes):
        yield start, end, _offset(zone, start)


@functools.cache
def _changes(zone: str) -> Sequence[int]:
    """The moments at which the clocks are changed. They stay as they are for a day at least."""
    found = []
    for day in range(SINCE, UNTIL, DAY):
        low, high = day, day + DAY
        before = _offset(zone, low)
        if _offset(zone, high) == before:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        found.append(high)
    return found


def _offset(zone: str, moment: int) -> int:
    offset = datetime.datetime.fromtimestamp(moment // 1000, ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() * 1000)
