"""Records of many entities side by side, in the order of each, cut into the lives of each key."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NULL = -(2**63)
"""Stands for an absent value in a column of integers; no event's value can be it."""
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Histories:
    """Rows in order: of one entity after the other, and of each by time, source and id.

    `time` (epoch milliseconds) and `signals` (a bit for each predicate that holds) by row; `life`: the number of the
    row's life, counted through; `starts` and `last`: by life the first row of it and the time of its last one.
    """

    time: Integers
    signals: Integers
    life: Integers
    starts: Integers
    last: Integers

    @classmethod
    def cut(cls, time: Integers, signals: Integers, begins: Mask) -> "Histories":
        """Histories whose lives begin where `begins` says."""
        starts = np.flatnonzero(begins)
        life = np.cumsum(begins) - 1
        ends = np.append(starts[1:], len(time)) - 1 if len(starts) else starts
        return cls(time, signals, life, starts, time[ends])

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.time)

    @property
    def lives(self) -> int:
        """How many lives there are."""
        return len(self.starts)

    def where(self, bits: int) -> Mask:
        """Rows for which any of the predicates holds."""
        held: Mask = (self.signals & bits) != 0
        return held

    def first_of(self, mask: Mask) -> Integers:
        """By life, the first row of the mask; NO_ROW where there is none."""
        found = np.full(self.lives, NO_ROW, np.int64)
        rows = np.flatnonzero(mask)[::-1]
        found[self.life[rows]] = rows
        return found

    def latest_at(self, mask: Mask) -> Integers:
        """By row, the last row of the mask in the same life, at it or before it; NO_ROW where there is none."""
        if not self.rows:
            return np.zeros(0, np.int64)
        found = np.maximum.accumulate(np.where(mask, np.arange(self.rows), NO_ROW))
        return np.where(found >= self.starts[self.life], found, NO_ROW)

    def moments(self, rows: Integers) -> Integers:
        """The time of each row; NULL for NO_ROW."""
        if not self.rows:
            return np.full(len(rows), NULL)
        return np.where(rows >= 0, self.time[rows], NULL)
