"""States that several lanes of one entity have side by side, such as a machine's state in each of its projects."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NULL, Histories, Integers, Mask
from kpi.entities.states.holdings import Spans


@dataclass(frozen=True, slots=True)
class Lanes:
    """Every record of `says` says how it is in its lane until the next one there; one without a lane, in all of them.

    `on`: held while this holds. `united`: held while it is so in any lane, once for each set of values that the records
    carry; else in each lane.
    """

    says: int
    on: int
    united: bool

    def spans(self, histories: Histories, lane: Integers, values: Integers) -> Spans:
        """`lane`: by row a number for each lane, NULL for none; `values`: a number for each set of carried values."""
        rows, end = self._ends(histories, lane)
        held = (histories.signals[rows] & self.on) != 0
        start, end = rows[held], end[held]
        return _united(histories, start, end, values[start]) if self.united and len(start) else Spans(start, end)

    def needed(self, histories: Histories, lane: Integers) -> Mask:
        """What is held in each lane."""
        rows, end = self._ends(histories, lane)
        mask = np.zeros(histories.rows, bool)
        mask[rows[end == NULL]] = True
        return mask & histories.where(self.on)

    def _ends(self, histories: Histories, lanes: Integers) -> tuple[Integers, Integers]:
        """The records that say anything, and the time of what replaces each; NULL where nothing has."""
        rows = np.flatnonzero(histories.where(self.says))
        life, lane, count = histories.life[rows], lanes[rows], len(rows)
        order = np.lexsort((np.arange(count), lane, life))
        following = np.full(count, count)
        same = (life[order[1:]] == life[order[:-1]]) & (lane[order[1:]] == lane[order[:-1]])
        following[order[:-1][same]] = order[1:][same]
        # The next record without a lane replaces what any lane says; one without a lane is replaced by any.
        for_all = lane == NULL
        later = np.minimum.accumulate(np.where(for_all, np.arange(count), count)[::-1])[::-1]
        following = np.minimum(following, np.append(later[1:], count)[:count])
        following = np.where(for_all, np.arange(1, count + 1), following)
        inside = following < count
        inside[inside] = life[following[inside]] == life[inside]
        ends = np.full(count, NULL)
        ends[inside] = histories.time[rows[following[inside]]]
        return rows, ends


def _united(histories: Histories, start: Integers, end: Integers, values: Integers) -> Spans:
    """Spans of the same life and values that touch or overlap, as one; it begins with the first of them."""
    never = np.iinfo(np.int64).max
    until = np.where(end == NULL, never, end)
    order = np.lexsort((start, values, histories.life[start]))
    start, until, values = start[order], until[order], values[order]
    life, time = histories.life[start], histories.time[start]
    fresh = np.ones(len(start), bool)
    fresh[1:] = (life[1:] != life[:-1]) | (values[1:] != values[:-1])
    group = np.cumsum(fresh) - 1
    # The furthest end so far within a group: ranks keep the groups apart, where times would overflow.
    ranks = np.unique(until, return_inverse=True)[1].astype(np.int64)
    furthest = np.maximum.accumulate(group * (len(ranks) + 1) + ranks) - group * (len(ranks) + 1)
    sorted_ends = np.unique(until)
    reached = sorted_ends[furthest]
    fresh[1:] |= time[1:] > reached[:-1]
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(start)) - 1
    return Spans(start[first], np.where(reached[last] == never, NULL, reached[last]))
