"""States that are held: from `enter` to `leave`, and each record until the next."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NULL, Histories, Integers, Mask


@dataclass(frozen=True, slots=True)
class Spans:
    """`start`: the record from which the state is held; `end`: epoch milliseconds until when, NULL while it is."""

    start: Integers
    end: Integers


@dataclass(frozen=True, slots=True)
class Holding:
    """Held from a record of `enter` until one of `leave` or `drop`; one of `renew` ends it and begins the next."""

    enter: int
    leave: int
    renew: int = 0
    drop: int = 0

    def read(self, histories: Histories) -> tuple[Integers, Mask, Mask]:
        """The records that change anything; which of them begin a holding, and which of these do so by entering."""
        enters = histories.where(self.enter)
        leaves = histories.where(self.leave | self.drop) & ~enters
        renews = histories.where(self.renew)
        rows = np.flatnonzero(enters | leaves | renews)
        if not len(rows):
            return rows, np.zeros(0, bool), np.zeros(0, bool)
        life, enters, leaves, renews = histories.life[rows], enters[rows], leaves[rows], renews[rows]
        # Whether it is held just before each record is what the last entering or leaving before it says.
        place = np.arange(len(rows))
        turn = np.maximum.accumulate(np.where(enters | leaves, place, -1))
        earlier = np.concatenate([[-1], turn[:-1]])
        held = (earlier >= 0) & (life[earlier] == life) & enters[earlier]
        begins = (enters & ~held) | (renews & held & ~leaves)
        effective = begins | (leaves & held)
        return rows[effective], begins[effective], (enters & ~held)[effective]

    def spans(self, histories: Histories) -> Spans:
        """Every holding."""
        rows, begins, _ = self.read(histories)
        return Spans(rows[begins], ends_of(histories, rows)[begins])


@dataclass(frozen=True, slots=True)
class Latest:
    """Each record of `on` replaces the one before; it holds for at most `lasting` milliseconds, where given."""

    on: int
    lasting: int | None = None

    def spans(self, histories: Histories) -> Spans:
        """What each record says, from its time on."""
        rows = np.flatnonzero(histories.where(self.on))
        ends = ends_of(histories, rows)
        if self.lasting is not None:
            limit = histories.time[rows] + self.lasting
            ends = np.where((ends == NULL) | (ends > limit), limit, ends)
        return Spans(rows, ends)

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """The last record, while it lasts."""
        rows = np.flatnonzero(histories.where(self.on))
        last = rows[ends_of(histories, rows) == NULL]
        if self.lasting is not None:
            last = last[histories.time[last] + self.lasting >= horizon]
        mask = np.zeros(histories.rows, bool)
        mask[last] = True
        return mask


def ends_of(histories: Histories, rows: Integers) -> Integers:
    """The time of the next of the rows in the same life, NULL where it is the last."""
    ends = np.full(len(rows), NULL)
    if len(rows):
        same = histories.life[rows[1:]] == histories.life[rows[:-1]]
        ends[:-1][same] = histories.time[rows[1:]][same]
    return ends
