"""Ids seen within a horizon of offsets: exact, vectorised, and a pure function of the log."""

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash as plh

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, as in Knuth's multiplicative hashing


def identifier_hashes(frame: pl.DataFrame) -> Hashes:
    """64-bit XXH3 hashes of (source, id), never 0. Frame: `source` and `id`, String."""
    joined = pl.concat_str([pl.col("source"), pl.col("id")], separator="\x00").alias("identifier")
    hashes: Hashes = frame.select(joined).select(plh.col("identifier").nchash.xxh3_64())["identifier"].to_numpy()
    return np.where(hashes == 0, np.uint64(1), hashes)


class HashTable:
    """A set of 64-bit hashes: open addressing with linear probing, vectorised, half full at most; it grows by doubling.

    0 is the empty slot.
    """

    def __init__(self, bits: int = 10) -> None:
        self._count = 0
        self._allocate(bits)

    def _allocate(self, bits: int) -> None:
        self.bits = bits
        self._slots = np.zeros(1 << bits, np.uint64)
        self._owner = np.zeros(1 << bits, np.int32)
        self._mask = np.int64((1 << bits) - 1)
        self._shift = np.uint64(64 - bits)

    def _make_room(self, more: int) -> None:
        bits = max(self.bits, (2 * (self._count + more) - 1).bit_length())
        if bits > self.bits:
            held = self._slots[self._slots != 0]
            self._allocate(bits)
            self._insert(held)

    def _home(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return ((hashes * _MULTIPLIER) >> self._shift).astype(np.int64)

    def contains(self, hashes: Hashes) -> Mask:
        """Which of `hashes` are in the set."""
        found = np.zeros(len(hashes), bool)
        waiting, value, slot = np.arange(len(hashes), dtype=np.int32), hashes, self._home(hashes)
        while len(waiting):
            present = self._slots[slot]
            found[waiting[present == value]] = True
            on = np.flatnonzero((present != value) & (present != 0))
            waiting, value, slot = waiting[on], value[on], (slot[on] + 1) & self._mask
        return found

    def add(self, hashes: Hashes) -> Mask:
        """Adds all; which of them are the first of their kind, in the set and in `hashes`."""
        self._make_room(len(hashes))
        first = self._insert(hashes)
        self._count += int(np.count_nonzero(first))
        return first

    def _insert(self, hashes: Hashes) -> Mask:
        first = np.zeros(len(hashes), bool)
        waiting, value, slot = np.arange(len(hashes), dtype=np.int32), hashes, self._home(hashes)
        while len(waiting):
            present = self._slots[slot]
            empty = np.flatnonzero(present == 0)
            if len(empty):
                backwards = empty[::-1]  # the last writer of a slot stays: the first occurrence
                self._slots[slot[backwards]] = value[backwards]
                self._owner[slot[backwards]] = waiting[backwards]
                mine = self._owner[slot[empty]] == waiting[empty]
                first[waiting[empty[mine]]] = True
                present = self._slots[slot]
            on = np.flatnonzero(present != value)
            waiting, value, slot = waiting[on], value[on], (slot[on] + 1) & self._mask
        return first


class SeenIdentifiers:
    """The ids of at least the last `horizon` offsets of one topic partition, in generations cut at absolute offsets.

    A generation holds every id of its offsets, duplicates too, so that it is a function of that piece of the log
    alone, and re-reading the piece rebuilds it; the answer does not depend on how records were batched.
    """

    def __init__(self, horizon: int) -> None:
        self._horizon = horizon
        self._generations: dict[int, HashTable] = {}

    def rebuild_from(self, position: int) -> int:
        """The first offset that must be read again to stand before `position`."""
        return max(0, (position // self._horizon - 1) * self._horizon)

    def contains(self, hashes: Hashes) -> Mask:
        """Which of `hashes` are remembered."""
        found = np.zeros(len(hashes), bool)
        for table in self._generations.values():
            found |= table.contains(hashes)
        return found

    def add(self, hashes: Hashes, offsets: npt.NDArray[np.int64]) -> Mask:
        """Remembers ids at ascending offsets; which of them are new."""
        fresh = np.ones(len(hashes), bool)
        generations = offsets // self._horizon
        for generation in np.unique(generations):
            here = np.flatnonzero(generations == generation)
            for old in [number for number in self._generations if number < generation - 1]:
                del self._generations[old]
            if generation not in self._generations:
                before = self._generations.get(int(generation) - 1)
                self._generations[int(generation)] = HashTable() if before is None else HashTable(before.bits)
            fresh[here] = self._generations[int(generation)].add(hashes[here])
            previous = self._generations.get(int(generation) - 1)
            if previous is not None:
                fresh[here] &= ~previous.contains(hashes[here])
        return fresh
