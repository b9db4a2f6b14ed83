"""Episodes: holdings with little time between them, what is counted in them, and what follows them."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NO_ROW, NULL, Histories, Integers, Mask
from kpi.entities.states.holdings import Holding, Spans, ends_of


@dataclass(frozen=True, slots=True)
class Episodes:
    """`started`, `ended`: epoch milliseconds, NULL while held. `times`: how often it was entered.

    `row`: the record that began the last holding; `ender`: the one that ended it, NO_ROW while held. `counts`: of
    everything that is counted, how often.
    """

    started: Integers
    ended: Integers
    times: Integers
    row: Integers
    ender: Integers
    counts: tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class _Course:
    """By holding: `row` and `ender`, its records; `end`; `entered`, not renewed; the number of its `episode`.

    `first`, `last`: by episode, the numbers of its holdings; `dropped`: which episodes have no result.
    """

    row: Integers
    ender: Integers
    end: Integers
    entered: Mask
    episode: Integers
    first: Integers
    last: Integers
    dropped: Mask


@dataclass(frozen=True, slots=True)
class Episode:
    """Holdings at most `within` milliseconds apart; None: each by itself. `counting`: the predicates counted in it.

    `followed`: what may come at most `within` after its end.
    """

    holding: Holding
    within: int | None = None
    counting: tuple[int, ...] = ()
    followed: int = 0

    def spans(self, histories: Histories) -> Spans:
        """Every holding."""
        return self.holding.spans(histories)

    def episodes(self, histories: Histories) -> Episodes:
        """Every episode that is not dropped, in order."""
        course = self._course(histories)
        first, last = course.first[~course.dropped], course.last[~course.dropped]
        times = np.diff(np.append(0, np.cumsum(course.entered)))
        times = np.add.reduceat(times, course.first)[~course.dropped] if len(course.first) else times
        start, ender = course.row[first], course.ender[last]
        counts = tuple(self._counted(histories, histories.where(bits), start, ender) for bits in self.counting)
        return Episodes(histories.moments(start), course.end[last], times, course.row[last], ender, counts)

    def follows(self, histories: Histories, enders: Integers) -> Integers:
        """For each record that ends an episode the first one that follows it in time; NO_ROW without one."""
        found = self._next(histories, histories.where(self.followed), enders)
        near = histories.moments(found) - histories.moments(enders) <= (self.within or 0)
        return np.where((found >= 0) & near, found, NO_ROW)

    def _course(self, histories: Histories) -> _Course:
        rows, begins, entering = self.holding.read(histories)
        following = np.append(rows[1:], NO_ROW)[begins] if len(rows) else rows
        end = ends_of(histories, rows)[begins]
        row, entered = rows[begins], entering[begins]
        ender = np.where(end == NULL, NO_ROW, following)
        dropped = self._dropped(histories, row, ender, end)
        fresh = np.ones(len(row), bool)
        if len(row):
            life = histories.life[row]
            near = histories.time[row[1:]] - end[:-1] <= (-1 if self.within is None else self.within)
            fresh[1:] = (life[1:] != life[:-1]) | (entered[1:] & ~(near & ~dropped[:-1]))
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(row)) - 1 if len(first) else first
        return _Course(row, ender, end, entered, np.cumsum(fresh) - 1, first, last, dropped[last])

    def _dropped(self, histories: Histories, row: Integers, ender: Integers, end: Integers) -> Mask:
        """By holding, whether it ends without a result, or has none any more before the next one begins."""
        drops = histories.where(self.holding.drop) & ~histories.where(self.holding.enter)
        if not len(row):
            return np.zeros(0, bool)
        later = self._next(histories, drops, ender)
        before = later < np.append(row[1:], histories.rows)
        in_time = histories.moments(later) - end <= (-1 if self.within is None else self.within)
        found: Mask = (ender >= 0) & (drops[ender] | ((later >= 0) & before & in_time))
        return found

    def _next(self, histories: Histories, mask: Mask, rows: Integers) -> Integers:
        """For each of the rows the next one of the mask in the same life; NO_ROW without one, and for NO_ROW."""
        count = histories.rows
        if not count:
            return np.full(len(rows), NO_ROW, np.int64)
        place = np.where(mask, np.arange(count), count)
        following = np.append(np.minimum.accumulate(place[::-1])[::-1][1:], count)[rows]
        there = (rows >= 0) & (following < count)
        there[there] = histories.life[following[there]] == histories.life[rows[there]]
        return np.where(there, following, NO_ROW)

    def drops_after(self, histories: Histories, mask: Mask) -> Mask:
        """The records that drop, from the first one of the mask on in every life that has any."""
        first = histories.first_of(mask)[histories.life]
        found: Mask = histories.where(self.holding.drop) & (first >= 0) & (np.arange(histories.rows) >= first)
        return found

    def _counted(self, histories: Histories, mask: Mask, start: Integers, ender: Integers) -> Integers:
        if not len(start):
            return np.zeros(0, np.int64)
        ends = np.append(histories.starts[1:], histories.rows) - 1
        until = np.where(ender >= 0, ender, ends[histories.life[start]])
        before = np.append(0, np.cumsum(mask))
        found: Integers = before[until + 1] - before[start]
        return found

    def needed(self, histories: Histories, horizon: int) -> tuple[Mask, Integers]:
        """What is held, and what entered it, as a moving alone holds nothing; with `within`, the whole of an episode
        that may go on. What is counted in it; and the records that ended those, of which what follows is needed.
        """
        mask = np.zeros(histories.rows, bool)
        course = self._course(histories)
        if not len(course.row):
            return mask, course.row
        held = course.end[course.last] == NULL
        live = held if self.within is None else held | (course.end[course.last] + self.within >= horizon)
        live &= ~course.dropped
        lasts = course.last[live]
        if self.within is None:
            mask[course.row[lasts]] = mask[course.row[course.first[live]]] = True
        else:
            whole = live[course.episode]
            mask[course.row[whole]] = True
            mask[course.ender[whole & (course.ender >= 0)]] = True
        since = np.full(histories.lives, histories.rows)
        since[histories.life[course.row[lasts]]] = course.row[course.first[live]]
        counted = histories.where(sum(self.counting)) & (np.arange(histories.rows) >= since[histories.life])
        return mask | counted, course.ender[lasts]
