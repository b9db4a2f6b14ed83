"""States that each lane of a key has by itself: its lanes are to them what lives are to others."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NO_ROW, Histories, Integers, Mask


@dataclass(frozen=True, slots=True)
class ByLane:
    """Histories whose lives are the lanes of others. `rows`: of each of their rows, the one there; None: the same."""

    histories: Histories
    rows: Integers | None = None

    @classmethod
    def of(cls, histories: Histories, lane: Integers) -> "ByLane":
        """`lane`: by row a number for each lane."""
        order = np.lexsort((np.arange(histories.rows), lane, histories.life))
        life, lane = histories.life[order], lane[order]
        begins = np.ones(len(order), bool)
        begins[1:] = (life[1:] != life[:-1]) | (lane[1:] != lane[:-1])
        return cls(Histories.cut(histories.time[order], histories.signals[order], begins), order)

    def back(self, rows: Integers) -> Integers:
        """Rows of the lanes, as rows of the lives; NO_ROW stays."""
        if self.rows is None or not len(self.rows):
            return rows
        return np.where(rows >= 0, self.rows[rows], NO_ROW)

    def mask(self, mask: Mask) -> Mask:
        """The same for a mask."""
        if self.rows is None:
            return mask
        found = np.zeros(len(mask), bool)
        found[self.rows] = mask
        return found

    def starts(self) -> Mask:
        """The first record of each lane, among the rows of the lives."""
        found = np.zeros(self.histories.rows, bool)
        found[self.back(self.histories.starts)] = True
        return found
