"""Spans of time in the lives of keys, as a union: how much of an interval they cover, and what lies in them."""

import numpy as np

from kpi.entities.histories import Integers, Mask


class Covered:
    """The union of spans [start, end), by life; in parts, in order. Times are of any one scale."""

    def __init__(self, life: Integers, start: Integers, end: Integers) -> None:
        some = np.lexsort((start, life))
        some = some[end[some] > start[some]]
        life, start, end = life[some], start[some], end[some]
        self._times = np.unique(np.concatenate([start, end]))
        # By life and then by time: what is of a later life comes after all of an earlier one.
        reached = np.maximum.accumulate(self._key(life, end))
        first = np.ones(len(life), bool)
        first[1:] = self._key(life[1:], start[1:]) > reached[:-1]
        begins = np.flatnonzero(first)
        self.life, self.start = life[begins], start[begins]
        self.end = np.maximum.reduceat(end, begins) if len(begins) else end
        self._keys = self._key(self.life, self.start)
        self._earlier = np.concatenate([[0], np.cumsum(self.end - self.start)])

    def between(self, life: Integers, start: Integers, end: Integers) -> Integers:
        """How much of each interval of a life is covered; negative where it ends before it starts."""
        return self._until(life, end) - self._until(life, start)

    def at(self, life: Integers, time: Integers) -> Integers:
        """The number of the part in which the time lies, its end included; -1 where there is none."""
        place = self._last(life, time)
        there = np.maximum(place, 0)
        if not len(self.life):
            return place
        inside = (place >= 0) & (self.life[there] == life) & (time <= self.end[there])
        return np.where(inside, place, -1)

    def _until(self, life: Integers, time: Integers) -> Integers:
        place = self._last(life, time)
        if not len(self.life):
            return np.zeros(len(time), np.int64)
        there = np.maximum(place, 0)
        mine = (place >= 0) & (self.life[there] == life)
        # Of the last part of another life all is past.
        part = np.where(mine, np.minimum(time, self.end[there]) - self.start[there], 0)
        return np.where(mine, self._earlier[there] + part, self._earlier[place + 1])

    def _last(self, life: Integers, time: Integers) -> Integers:
        return np.searchsorted(self._keys, self._key(life, time), side="right") - 1

    def _key(self, life: Integers, time: Integers) -> Integers:
        return life * (len(self._times) + 1) + np.searchsorted(self._times, time, side="right")


def kept(covered: Covered, life: Integers, time: Integers, low: Integers, high: Integers) -> Mask:
    """Which rows lie in a part that reaches beyond `low` of its life, and begins before `high`."""
    chosen = (covered.end > low[covered.life]) & (covered.start < high[covered.life])
    place = covered.at(life, time)
    rows: Mask = (place >= 0) & chosen[np.maximum(place, 0)] if len(covered.life) else place >= 0
    return rows
