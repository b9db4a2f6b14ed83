"""The records of entities before and after something came to them, and what is not the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kpi.entities.blocks import Column
from kpi.entities.histories import NO_ROW, Histories, Integers
from kpi.entities.records import Layout
from kpi.entities.words import Words


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Histories before and after something was added to them.

    `sign`: by life, -1 before and +1 after; `identity`: by row, the number of the record whose values it has, the same
    before and after; those that were there before are below `known`. `columns`: the fields carried, by that number.
    """

    histories: Histories
    layout: Layout
    words: Words
    columns: Mapping[str, Column]
    sign: Integers
    identity: Integers
    known: int

    def numbers(self, field: str) -> Integers:
        """By row, a number for the value of a carried field."""
        return self.layout.numbers(self.columns)(field)[self.identity]

    def signs(self, rows: Integers) -> Integers:
        """The sign of each row's life."""
        return self.sign[self.histories.life[rows]]

    def changed(self, rows: Integers, others: Sequence[Integers] = ()) -> Integers:
        """The positions of what is not the same before and after.

        `rows`: a record for each thing; `others`: further numbers that make it what it is.
        """
        identity, sign = self.identity[rows], self.signs(rows)
        there = identity < self.known
        old, new = np.flatnonzero(there & (sign < 0)), np.flatnonzero(there & (sign > 0))
        place = np.full(self.known, NO_ROW)
        place[identity[old]] = old
        partner = place[identity[new]]
        same = partner >= 0
        for numbers in others:
            same &= numbers[new] == numbers[partner]
        kept = np.ones(len(rows), bool)
        kept[new[same]] = kept[partner[same]] = False
        return np.flatnonzero(kept)
