"""Pairs that overlap: every record of one kind opens one, and a record of the other closes all that are open."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NO_ROW, NULL, Histories, Integers, Mask
from kpi.entities.states.pairs import Pairs
from kpi.entities.states.taking import taken_at


@dataclass(frozen=True, slots=True)
class Openings:
    """Every record of `opens` opens a pair for `within` milliseconds; the first of `closes` in that time closes it.

    A record of `unless` takes back the openings of its lane that were at most so long before it, one of `unclosed` the
    closings, for the pairs whose time is not over.
    """

    opens: int
    closes: int
    within: int
    unless: int = 0
    unclosed: int = 0

    @property
    def lookback(self) -> int:
        """For how many milliseconds a record may matter; where others are taken back, to what it comes in place of."""
        return 2 * self.within if self.unless or self.unclosed else self.within

    def of(self, histories: Histories, lane: Integers) -> Pairs:
        """Every pair that stands, and every closing that does."""
        opened, closings = self._opened(histories, lane), self._closings(histories)
        taken = taken_at(histories, lane, closings, histories.where(self.unclosed))
        closed = self._closed(histories, opened, closings, taken)
        closings = closings[~self._in_time(histories, closings, taken)]
        mask = np.zeros(histories.rows, bool)
        mask[opened] = True
        opening = histories.latest_at(mask)[closings]
        if len(closings):
            near = histories.time[closings] - histories.time[opening] <= self.within
            opening = np.where((opening >= 0) & near, opening, NO_ROW)
        return Pairs(opened, closed, closings, opening)

    def _opened(self, histories: Histories, lane: Integers) -> Integers:
        takes = histories.where(self.unless)
        opened = np.flatnonzero(histories.where(self.opens) & ~takes)
        return opened[~self._in_time(histories, opened, taken_at(histories, lane, opened, takes))]

    def _closings(self, histories: Histories) -> Integers:
        others = histories.where(self.opens | self.unless | self.unclosed)
        return np.flatnonzero(histories.where(self.closes) & ~others)

    def _in_time(self, histories: Histories, rows: Integers, taken: Integers) -> Mask:
        found: Mask = (taken != NULL) & (taken - histories.time[rows] <= self.within)
        return found

    def _closed(self, histories: Histories, opened: Integers, closings: Integers, taken: Integers) -> Integers:
        """For each opening the first closing that stands when its time is over; NO_ROW without one."""
        closed = np.full(len(opened), NO_ROW, np.int64)
        following = np.searchsorted(closings, opened, side="right")
        looking = np.flatnonzero(following < len(closings))
        while len(looking):
            of, at = opened[looking], following[looking]
            until = histories.time[of] + self.within
            near = (histories.life[closings[at]] == histories.life[of]) & (histories.time[closings[at]] <= until)
            lost = (taken[at] != NULL) & (taken[at] <= until)
            closed[looking[near & ~lost]] = closings[at[near & ~lost]]
            looking = looking[near & lost]
            following[looking] += 1
            looking = looking[following[looking] < len(closings)]
        return closed

    def needed(self, histories: Histories, horizon: int, lane: Integers) -> Mask:
        """Pairs that are open to further records, with what closed them first.

        Where records are taken back, all that stand for as long as they may be, and the openings that those before
        them may have come after.
        """
        pairs, mask = self.of(histories, lane), np.zeros(histories.rows, bool)
        live = histories.time[pairs.opened] + self.lookback >= horizon
        mask[pairs.opened[live]] = True
        if self.unless or self.unclosed:
            mask[pairs.closings[histories.time[pairs.closings] + self.within >= horizon]] = True
        else:
            closed = pairs.closed[live]
            mask[closed[closed >= 0]] = True
        return mask
