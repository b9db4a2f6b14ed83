"""States that are one moment in the life of a key: `first`, also `unless` taken back or `for_all`, `last`, `set`."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NO_ROW, NULL, Histories, Integers, Mask
from kpi.entities.states.taking import taken_at


@dataclass(frozen=True, slots=True)
class Moments:
    """`row`: by life the record that set the state, NO_ROW where it is not set.

    `reversals`: records that reverse, at their own time, what was set before and stays set.
    """

    row: Integers
    reversals: Integers


@dataclass(frozen=True, slots=True)
class First:
    """Set for good by the first record of the predicate `on`; after the state `after`, where given."""

    on: int
    after: "First | Settable | None" = None

    def of(self, histories: Histories) -> Moments:
        """The state in every life."""
        mask = histories.where(self.on)
        if self.after is not None and histories.rows:
            row = self.after.of(histories).row[histories.life]
            mask &= (row != NO_ROW) & (np.arange(histories.rows) > row)
        return Moments(histories.first_of(mask), np.zeros(0, np.int64))

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """The record that set it."""
        del horizon
        return _at(histories, self.of(histories).row)


@dataclass(frozen=True, slots=True)
class Last:
    """The last record of `on` from the one that set the state `after` until `within` milliseconds later.

    Without `within`, until a moment that is given for every life.
    """

    on: int
    after: "First | Settable"
    within: int | None = None

    def of(self, histories: Histories, until: Integers | None = None) -> Moments:
        """The state in every life. `until`: by life, NULL where nothing counts."""
        found = np.full(histories.lives, NO_ROW, np.int64)
        rows = np.flatnonzero(histories.where(self.on))
        since = self.after.of(histories).row[histories.life[rows]]
        rows, since = rows[since >= 0], since[since >= 0]
        limit = histories.time[since] + (self.within or 0) if until is None else until[histories.life[rows]]
        rows = rows[(rows >= since) & (histories.time[rows] <= limit)]
        found[histories.life[rows]] = rows  # the last one of each life stays
        return Moments(found, np.zeros(0, np.int64))

    def needed(self, histories: Histories, until: Integers | None = None) -> Mask:
        """The record itself; what it comes after is kept by that state."""
        return _at(histories, self.of(histories, until).row)


@dataclass(frozen=True, slots=True)
class FirstUnless:
    """Set by the first record of `on` that none of `off`, of the same lane and at most `within` later, takes back."""

    on: int
    off: int
    within: int

    def standing(self, histories: Histories, lane: Integers) -> Mask:
        """Records of `on` that are not taken back."""
        takes = histories.where(self.off)
        mask = histories.where(self.on) & ~takes
        rows = np.flatnonzero(mask)
        taken = taken_at(histories, lane, rows, takes)
        mask[rows[(taken != NULL) & (taken - histories.time[rows] <= self.within)]] = False
        return mask

    def of(self, histories: Histories, lane: Integers) -> Moments:
        """The state in every life."""
        return Moments(histories.first_of(self.standing(histories, lane)), np.zeros(0, np.int64))

    def needed(self, histories: Histories, horizon: int, lane: Integers) -> Mask:
        """The record that set it; while that may be taken back, every one that may come in its place."""
        mask = self.standing(histories, lane)
        first = histories.first_of(mask)
        final = np.zeros(histories.lives, bool)
        there = first >= 0
        final[there] = histories.time[first[there]] + self.within < horizon
        kept: Mask = mask & (~final[histories.life] | (np.arange(histories.rows) == first[histories.life]))
        return kept


@dataclass(frozen=True, slots=True)
class FirstOfAll:
    """Set for good by the first record of `on` at which every lane that had one of `all` has had one of `on`."""

    on: int
    all: int

    def of(self, histories: Histories, lane: Integers) -> Moments:
        """The state in every life."""
        mask, opened, done = histories.where(self.on), *self._firsts(histories, lane)
        waits = opened[(opened != NO_ROW) & ((done == NO_ROW) | (done > opened))]
        ends = done[(opened != NO_ROW) & (done > opened)]
        change = np.zeros(histories.rows, np.int64)
        change[waits] += 1
        change[ends] -= 1
        waiting = np.cumsum(change)
        if histories.rows:
            # What waits in the lives before is none of this one's.
            waiting -= (waiting - change)[histories.starts][histories.life]
        return Moments(histories.first_of(mask & (waiting == 0)), np.zeros(0, np.int64))

    def _firsts(self, histories: Histories, lane: Integers) -> tuple[Integers, Integers]:
        """By lane of a life the first record of `all`, and of `on`; NO_ROW without one."""
        _, codes = np.unique(lane, return_inverse=True)
        _, place = np.unique(histories.life * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        found = []
        for bits in (self.all, self.on):
            rows = np.flatnonzero(histories.where(bits))[::-1]
            first = np.full(int(place.max(initial=-1)) + 1, NO_ROW, np.int64)
            first[place[rows]] = rows
            found.append(first)
        return found[0], found[1]

    def needed(self, histories: Histories, lane: Integers) -> Mask:
        """The record that set it; as long as none has, what each lane waits for and has had."""
        row = self.of(histories, lane).row
        mask = np.zeros(histories.rows, bool)
        for first in self._firsts(histories, lane):
            mask[first[first != NO_ROW]] = True
        if histories.rows:
            mask &= row[histories.life] == NO_ROW
        mask[row[row != NO_ROW]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Settable:
    """Set by a record of `on`, withdrawn by one of `off` at most `within` (milliseconds) later, settable again.

    A later record of `off` leaves it set for good, and is a reversal. So is one that begins a life: what it reverses
    may have been forgotten.
    """

    on: int
    off: int
    within: int

    def of(self, histories: Histories) -> Moments:
        """The state in every life."""
        sets = histories.where(self.on)
        rows = np.flatnonzero(sets | histories.where(self.off))
        held = np.full(histories.lives, NO_ROW, np.int64)
        none = np.zeros(0, np.int64)
        if not len(rows):
            return Moments(held, none)
        # Of records of the same kind in a row only the first counts: what is set cannot be set, nor cleared twice.
        life, kind = histories.life[rows], sets[rows]
        turns = np.ones(len(rows), bool)
        turns[1:] = (life[1:] != life[:-1]) | (kind[1:] != kind[:-1])
        rows, life, kind = rows[turns], life[turns], kind[turns]
        follows = np.zeros(len(rows), bool)
        follows[1:] = life[1:] == life[:-1]
        too_late = np.zeros(len(rows), bool)
        too_late[1:] = (histories.time[rows[1:]] - histories.time[rows[:-1]]) > self.within
        too_late &= follows & ~kind
        # What comes after a reversal in the same life changes nothing any more.
        place = np.arange(len(rows))
        closing = np.flatnonzero(too_late)[::-1]
        cut = np.full(histories.lives, len(rows))
        cut[life[closing]] = closing
        valid = place <= cut[life]
        setting = valid & kind
        held[life[setting]] = rows[setting]  # the last one of each life stays
        clearing = valid & ~kind & follows & ~too_late
        cleared = np.zeros(histories.lives, bool)
        last = np.full(histories.lives, NO_ROW)
        last[life[valid]] = place[valid]
        there = last >= 0
        cleared[there] = clearing[last[there]]
        held[cleared] = NO_ROW
        fresh = valid & ~kind & (rows == histories.starts[life])
        return Moments(held, rows[fresh | (valid & too_late)])

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """The record that holds it, and those that reverse."""
        del horizon
        moments = self.of(histories)
        mask = _at(histories, moments.row)
        mask[moments.reversals] = True
        return mask


def _at(histories: Histories, rows: Integers) -> Mask:
    mask = np.zeros(histories.rows, bool)
    mask[rows[rows >= 0]] = True
    return mask
