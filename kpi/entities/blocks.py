"""The records that entities keep: columns in which each entity has a block of its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]


class Blocks:
    """Rows by place. A block holds 1, 2, 3, 4, 6, 8, 12, 16 … rows, and is used again when its owner needs another.

    `kinds`: the columns and their dtypes.
    """

    def __init__(self, kinds: Mapping[str, np.dtype[Any]]) -> None:
        self.columns: dict[str, Column] = {name: np.zeros(64, kind) for name, kind in kinds.items()}
        self._end = 0
        self._start = np.zeros(16, np.int64)
        self._count = np.zeros(16, np.int32)
        self._size = np.zeros(16, np.int32)
        self._free: dict[int, list[Integers]] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        own = self._start.nbytes + self._count.nbytes + self._size.nbytes
        return own + sum(column.nbytes for column in self.columns.values())

    def counts(self, places: Integers) -> Integers:
        """How many rows each place has."""
        self._reach(places)
        return self._count[places].astype(np.int64)

    def _reach(self, places: Integers) -> None:
        needed = int(places.max()) + 1 if len(places) else 0
        if needed > len(self._count):
            size = max(needed, 2 * len(self._count))
            self._start, self._count = _grown(self._start, size), _grown(self._count, size)
            self._size = _grown(self._size, size)

    def rows(self, places: Integers) -> tuple[Integers, Integers]:
        """Where the rows of the places lie, place after place, and for each the number of its place in `places`."""
        counts = self.counts(places)
        owner = np.repeat(np.arange(len(places)), counts)
        return np.repeat(self._start[places] - (np.cumsum(counts) - counts), counts) + np.arange(len(owner)), owner

    def unused(self) -> npt.NDArray[np.bool_]:
        """The rows that are no place's."""
        unused = np.ones(len(next(iter(self.columns.values()))), bool)
        at, _ = self.rows(np.flatnonzero(self._count))
        unused[at] = False
        return unused

    def replace(self, places: Integers, counts: Integers, values: Mapping[str, Column]) -> None:
        """Gives each place its rows: `counts` of them, taken from `values` in turn."""
        self._reach(places)
        unfit = (counts > self._size[places]) | (counts * 4 < self._size[places])
        self._move(places[unfit], counts[unfit])
        self._count[places] = counts
        at, _ = self.rows(places)
        for name, column in self.columns.items():
            column[at] = values[name]

    def _move(self, places: Integers, counts: Integers) -> None:
        old, start = self._size[places], self._start[places]
        for size in np.unique(old[old > 0]):
            self._free.setdefault(int(size), []).append(start[old == size])
        wanted = _sizes(counts)
        self._size[places] = wanted
        for size in np.unique(wanted[wanted > 0]):
            mine = places[wanted == size]
            self._start[mine] = self._take(int(size), len(mine))

    def _take(self, size: int, count: int) -> Integers:
        parts: list[Integers] = []
        free = self._free.get(size, [])
        while count and free:
            part = free.pop()
            if len(part) > count:
                free.append(part[count:])
                part = part[:count]
            parts.append(part)
            count -= len(part)
        if count:
            parts.append(self._end + size * np.arange(count))
            self._end += size * count
            capacity = len(next(iter(self.columns.values())))
            if self._end > capacity:
                for name, column in self.columns.items():
                    self.columns[name] = _grown(column, max(self._end, capacity + capacity // 2))
        return np.concatenate(parts)


def _sizes(counts: Integers) -> Integers:
    """The least size of a block that holds each count: 2^n or 3 x 2^n; 0 for none."""
    power = np.left_shift(1, np.ceil(np.log2(np.maximum(counts, 1))).astype(np.int64))
    sizes: Integers = np.where((power >= 4) & (counts <= power // 4 * 3), power // 4 * 3, power)
    return np.where(counts > 0, sizes, 0)


def _grown(column: Column, size: int) -> Column:
    grown = np.zeros(size, column.dtype)
    grown[: len(column)] = column
    return grown
