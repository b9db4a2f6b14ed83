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
class Episodes:
    """Holdings with little time between them. `started`, `ended`: epoch milliseconds, NULL while held.

    `times`: how often it was entered; `row`: the record that began the last holding.
    """

    started: Integers
    ended: Integers
    times: Integers
    row: Integers


@dataclass(frozen=True, slots=True)
class Holding:
    """Held from a record of `enter` until one of `leave`; one of `renew` ends the holding and begins the next.

    `within`: episodes reach over this many milliseconds between a leaving and the next entering.
    """

    enter: int
    leave: int
    renew: int = 0
    within: int | None = None

    def _read(self, histories: Histories) -> tuple[Integers, Mask, Mask]:
        """The records that change anything; which of them begin a holding, and which of these do so by entering."""
        enters = histories.where(self.enter)
        leaves = histories.where(self.leave) & ~enters
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
        rows, begins, _ = self._read(histories)
        return Spans(rows[begins], _ends(histories, rows)[begins])

    def episodes(self, histories: Histories) -> Episodes:
        """Every episode, in order."""
        rows, begins, entering = self._read(histories)
        ends = _ends(histories, rows)[begins]
        entered, rows = entering[begins], rows[begins]
        life = histories.life[rows]
        if not len(rows):
            return Episodes(ends, ends, ends, rows)
        fresh = np.ones(len(rows), bool)
        near = histories.time[rows[1:]] - ends[:-1] <= (-1 if self.within is None else self.within)
        fresh[1:] = (life[1:] != life[:-1]) | (entered[1:] & ~near)
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(rows)) - 1
        times = np.add.reduceat(entered.astype(np.int64), first)
        return Episodes(histories.time[rows[first]], ends[last], times, rows[last])

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """What is held, and what entered it, as a moving alone holds nothing; with `within`, the whole of an episode
        that may go on.
        """
        rows, begins, entering = self._read(histories)
        mask = np.zeros(histories.rows, bool)
        if not len(rows):
            return mask
        ends = _ends(histories, rows)
        current = begins & (ends == NULL)
        if self.within is None:
            entered = np.maximum.accumulate(np.where(entering, np.arange(len(rows)), 0))
            mask[rows[current]] = mask[rows[entered[current]]] = True
            return mask
        life, time = histories.life[rows], histories.time[rows]
        fresh = np.ones(len(rows), bool)
        fresh[1:] = (life[1:] != life[:-1]) | (entering[1:] & (time[1:] - time[:-1] > self.within))
        episode = np.cumsum(fresh) - 1
        live = np.zeros(int(episode[-1]) + 1, bool)
        live[episode[current | (time + self.within >= horizon)]] = True
        mask[rows[live[episode]]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Latest:
    """Each record of `on` replaces the one before; it holds for at most `lasting` milliseconds, where given."""

    on: int
    lasting: int | None = None

    def spans(self, histories: Histories) -> Spans:
        """What each record says, from its time on."""
        rows = np.flatnonzero(histories.where(self.on))
        ends = _ends(histories, rows)
        if self.lasting is not None:
            limit = histories.time[rows] + self.lasting
            ends = np.where((ends == NULL) | (ends > limit), limit, ends)
        return Spans(rows, ends)

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """The last record, while it lasts."""
        rows = np.flatnonzero(histories.where(self.on))
        last = rows[_ends(histories, rows) == NULL]
        if self.lasting is not None:
            last = last[histories.time[last] + self.lasting >= horizon]
        mask = np.zeros(histories.rows, bool)
        mask[last] = True
        return mask


def _ends(histories: Histories, rows: Integers) -> Integers:
    """The time of the next of the rows in the same life, NULL where it is the last."""
    ends = np.full(len(rows), NULL)
    if len(rows):
        same = histories.life[rows[1:]] == histories.life[rows[:-1]]
        ends[:-1][same] = histories.time[rows[1:]][same]
    return ends
