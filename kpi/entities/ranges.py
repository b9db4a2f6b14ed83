"""Ranges of hashes whose records are written together, and at which flush that was."""

import numpy as np

from kpi.entities.histories import Integers
from kpi.entities.places import Hashes

NOT_YET = -1


class Ranges:
    """By range the last flush that wrote all of it, NOT_YET for none. A range is 2^-`bits` of all hashes."""

    def __init__(self) -> None:
        self.bits = 0
        self.flushes: Integers = np.full(1, NOT_YET)

    @property
    def oldest(self) -> int:
        """The flush at or after which every range was written; NOT_YET while one was not."""
        return int(self.flushes.min())

    @property
    def next(self) -> int:
        """The range that was written the longest ago."""
        return int(self.flushes.argmin())

    def note(self, bits: int, number: int, flush: int) -> None:
        """A range was written, of 2^-`bits` of all hashes; the last flush that wrote a hash is what counts."""
        if bits > self.bits:
            self.divide(bits)
        width = self.bits - bits
        mine = self.flushes[number << width : (number + 1) << width]
        np.maximum(mine, flush, out=mine)

    def divide(self, bits: int) -> None:
        """Makes ranges of another size. One that is put together is as old as the oldest of its parts."""
        if bits >= self.bits:
            self.flushes = np.repeat(self.flushes, 1 << (bits - self.bits))
        else:
            self.flushes = self.flushes.reshape(1 << bits, -1).min(axis=1)
        self.bits = bits

    def written(self, keys: Hashes) -> Integers:
        """The flush that wrote the range of each hash."""
        return self.flushes[prefixes(keys, self.bits)]


def prefixes(keys: Hashes, bits: int) -> Integers:
    """The first bits of each hash."""
    # In two steps: a shift by all 64 bits has no meaning.
    return (keys >> np.uint64(1) >> np.uint64(63 - bits)).astype(np.int64)
