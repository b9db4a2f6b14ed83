"""The texts of source and id, which decide between records of one moment while either may still arrive."""

import numpy as np
import polars as pl

from kpi.entities.histories import Integers

NO_TEXT = -1
_ROWS = 2**32


class Texts:
    """Texts by reference: the number of the batch that brought them, and their place in it.

    A batch is let go of once none of its references is held. References are integers, -1 for none.
    """

    def __init__(self) -> None:
        self._batches: dict[int, pl.Series] = {}
        self._held: dict[int, int] = {}
        self._next = 0

    def add(self, texts: pl.Series) -> Integers:
        """References to the texts (String), all of which are held."""
        number = self._next
        self._next += 1
        if len(texts):
            self._batches[number], self._held[number] = texts, len(texts)
        return np.arange(len(texts)) + number * _ROWS

    def release(self, references: Integers) -> None:
        """Lets go of references."""
        numbers, counts = np.unique(references[references >= 0] // _ROWS, return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            self._held[number] -= count
            if not self._held[number]:
                del self._batches[number], self._held[number]

    def of(self, references: Integers) -> list[str | None]:
        """The texts; None for no reference."""
        order = np.argsort(references, kind="stable")
        held = order[references[order] >= 0]
        numbers, starts = np.unique(references[held] // _ROWS, return_index=True)
        ends = [*starts[1:].tolist(), len(held)]
        texts: list[str | None] = [None] * len(references)
        if not len(held):
            return texts
        for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True):
            rows = held[start:end]
            batch = self._batches[number].gather(references[rows] % _ROWS).to_list()
            for row, text in zip(rows.tolist(), batch, strict=True):
                texts[row] = text
        return texts
