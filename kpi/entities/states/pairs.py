"""Pairs of records: one that opens, and those within a time that close."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NO_ROW, Histories, Integers, Mask


@dataclass(frozen=True, slots=True)
class Pairs:
    """`opened`: the record that opens each pair; `closed`: the first one that closes it, NO_ROW while none did.

    `closings`: every record that closes; `opening`: the one that opened its pair, NO_ROW for the unmatched.
    """

    opened: Integers
    closed: Integers
    closings: Integers
    opening: Integers


@dataclass(frozen=True, slots=True)
class Pairing:
    """Opened by a record of `opens`, unless one was opened at most `within` milliseconds before; closed by `closes`."""

    opens: int
    closes: int
    within: int

    def _opened(self, histories: Histories) -> Integers:
        """The records that open a pair: each the first one too late for the pair before."""
        return np.sort(self._chain(histories, np.flatnonzero(histories.where(self.opens))))

    def _chain(self, histories: Histories, rows: Integers) -> Integers:
        if not len(rows):
            return rows
        life, time = histories.life[rows] - histories.life[rows[0]], histories.time[rows]
        earliest, lives = int(time.min()), int(life[-1]) + 1
        span = int(time.max()) - earliest + 2
        if lives > 1 and lives * span >= 2**62:
            # Times so far apart that a life and a time do not fit one integer: fewer lives at once.
            half = int(np.searchsorted(life, lives // 2))
            return np.concatenate([self._chain(histories, rows[:half]), self._chain(histories, rows[half:])])
        reach = min(self.within, span - 1)
        key = life * span + (time - earliest)
        first = np.ones(len(rows), bool)
        first[1:] = life[1:] != life[:-1]
        chosen = current = np.flatnonzero(first)
        limit = np.append(current[1:], len(rows))
        while len(current):
            last = np.minimum(key[current] + reach, (life[current] + 1) * span - 1)
            following = np.searchsorted(key, last, side="right")
            inside = following < limit
            current, limit = following[inside], limit[inside]
            chosen = np.concatenate([chosen, current])
        return rows[chosen]

    def of(self, histories: Histories) -> Pairs:
        """Every pair, and every record that closes."""
        opened = self._opened(histories)
        mask = np.zeros(histories.rows, bool)
        mask[opened] = True
        closings = np.flatnonzero(histories.where(self.closes) & ~histories.where(self.opens))
        opening = histories.latest_at(mask)[closings]
        if len(closings):
            near = histories.time[closings] - histories.time[opening] <= self.within
            opening = np.where((opening >= 0) & near, opening, NO_ROW)
        closed = np.full(histories.rows, NO_ROW, np.int64)
        matched = np.flatnonzero(opening >= 0)[::-1]
        closed[opening[matched]] = closings[matched]
        return Pairs(opened, closed[opened], closings, opening)

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """Pairs that are open to further records, with what closed them first."""
        pairs = self.of(histories)
        live = histories.time[pairs.opened] + self.within >= horizon
        mask = np.zeros(histories.rows, bool)
        mask[pairs.opened[live]] = True
        closed = pairs.closed[live]
        mask[closed[closed >= 0]] = True
        return mask
