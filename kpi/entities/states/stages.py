"""Stages of a course: when each was entered and left, which way, and how long it took."""

from dataclasses import dataclass

import numpy as np

from kpi.entities.histories import NULL, Histories, Integers, Mask


@dataclass(frozen=True, slots=True)
class Visits:
    """A stage of a life. `stage`: its number; `entered`, `left` (NULL while in it): epoch milliseconds.

    `forward`: 1 where it was left towards a later stage or the end, else 0; `spent`: milliseconds in it, visits that
    ended added; `row`: the record of the last entry.
    """

    stage: Integers
    entered: Integers
    left: Integers
    forward: Integers
    spent: Integers
    row: Integers


@dataclass(frozen=True, slots=True)
class Course:
    """`stages`: the predicates that enter each, in order; `won` ends the course forward, `lost` backward.

    A stage entered again at most `within` milliseconds after it was left was not left.
    """

    stages: tuple[int, ...]
    won: int
    lost: int
    within: int

    def _changes(self, histories: Histories) -> tuple[Integers, Integers]:
        """The records that change the stage, and the stage then: -1 lost, the number of stages for won."""
        stage = np.full(histories.rows, NULL)
        for number, bits in ((-1, self.lost), (len(self.stages), self.won), *reversed(list(enumerate(self.stages)))):
            stage[histories.where(bits)] = number
        rows = np.flatnonzero(stage != NULL)
        stage = stage[rows]
        life = histories.life[rows]
        changed = np.ones(len(rows), bool)
        changed[1:] = (life[1:] != life[:-1]) | (stage[1:] != stage[:-1])
        return rows[changed], stage[changed]

    def of(self, histories: Histories) -> Visits:
        """Every stage of every life that was entered."""
        rows, stage = self._changes(histories)
        life, time = histories.life[rows], histories.time[rows]
        left, towards = np.full(len(rows), NULL), np.zeros(len(rows), np.int64)
        if len(rows):
            same = life[1:] == life[:-1]
            left[:-1][same] = time[1:][same]
            towards[:-1] = stage[1:]
        visits = np.flatnonzero((stage >= 0) & (stage < len(self.stages)))
        visits = visits[np.lexsort((visits, stage[visits], life[visits]))]
        rows, stage, life, time = rows[visits], stage[visits], life[visits], time[visits]
        left, towards = left[visits], towards[visits]
        fresh = np.ones(len(visits), bool)
        if len(visits):
            fresh[1:] = (life[1:] != life[:-1]) | (stage[1:] != stage[:-1]) | (time[1:] - left[:-1] > self.within)
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(visits)) - 1 if len(first) else first
        ended = np.where(left == NULL, 0, left - time)
        spent = np.add.reduceat(ended, first) if len(first) else ended
        forward = ((towards > stage) & (left != NULL)).astype(np.int64)
        return Visits(stage[first], time[first], left[last], forward[last], spent, rows[last])

    def needed(self, histories: Histories, horizon: int) -> Mask:
        """All that changed the stage, unless the course has ended for longer than a return is looked for."""
        rows, stage = self._changes(histories)
        mask = np.zeros(histories.rows, bool)
        if len(rows):
            life = histories.life[rows]
            last = np.flatnonzero(np.append(life[1:] != life[:-1], True))
            over = (stage[last] < 0) | (stage[last] == len(self.stages))
            over &= histories.time[rows[last]] + self.within < horizon
            ended = np.zeros(histories.lives, bool)
            ended[life[last]] = over
            mask[rows[~ended[life]]] = True
        return mask
