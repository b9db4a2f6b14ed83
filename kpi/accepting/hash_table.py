"""A set of 64-bit hashes, each with 32 bits that came with it first: exact and vectorised."""

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Digests = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, as in Knuth's multiplicative hashing
_HALF = np.uint64(32)
_FULL = 0.6
LEAST = 1 << 10


class HashTable:
    """Open addressing with linear probing, 60 % full at most, 12 bytes a slot; it grows by doubling. 0 is the empty
    slot.

    `most`: how many hashes it is ever to hold, so that it does not grow beyond what those need.
    """

    def __init__(self, most: int, slots: int = LEAST) -> None:
        self._most = max(LEAST, int(most / _FULL) + 1)
        self._count = 0
        self._allocate(min(slots, self._most))

    @property
    def slots(self) -> int:
        """How many hashes there would be room for if it could be filled."""
        return len(self._slots)

    def _allocate(self, slots: int) -> None:
        self._slots = np.zeros(slots, np.uint64)
        self._digests = np.zeros(slots, np.uint32)

    def _make_room(self, more: int) -> None:
        need = int((self._count + more) / _FULL) + 1
        if need <= self.slots:
            return
        slots = self.slots
        while slots < need:
            slots *= 2
        held = np.flatnonzero(self._slots)
        hashes, digests = self._slots[held], self._digests[held]
        self._allocate(max(need, min(slots, self._most)))
        self._insert(hashes, digests)

    def _home(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        upper = (hashes * _MULTIPLIER) >> _HALF
        upper *= np.uint64(self.slots)
        upper >>= _HALF
        return upper.view(np.int64)

    def _following(self, slot: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        after = slot + 1
        after[after == self.slots] = 0
        return after

    def find(self, hashes: Hashes) -> tuple[Mask, Digests]:
        """Which of `hashes` are in the set, and the digests that came with those (0 for the others)."""
        found, digests = np.zeros(len(hashes), bool), np.zeros(len(hashes), np.uint32)
        waiting, value, slot = np.arange(len(hashes)), hashes, self._home(hashes)
        while len(waiting):
            present = self._slots[slot]
            here = np.flatnonzero(present == value)
            if len(here):
                found[waiting[here]] = True
                digests[waiting[here]] = self._digests[slot[here]]
            on = np.flatnonzero((present != value) & (present != 0))
            waiting, value, slot = waiting[on], value[on], self._following(slot[on])
        return found, digests

    def add(self, hashes: Hashes, digests: Digests) -> tuple[Mask, Digests]:
        """Adds all; which of them are the first of their kind, in the set and in `hashes`, and the digest that came
        with the first of each kind.
        """
        self._make_room(len(hashes))
        first, places = self._insert(hashes, digests)
        self._count += int(np.count_nonzero(first))
        return first, self._digests[places]

    def _insert(self, hashes: Hashes, digests: Digests) -> tuple[Mask, npt.NDArray[np.int64]]:
        first, places = np.zeros(len(hashes), bool), np.empty(len(hashes), np.int64)
        waiting, value, slot = np.arange(len(hashes)), hashes, self._home(hashes)
        while len(waiting):
            present = self._slots[slot]
            empty = np.flatnonzero(present == 0)
            if len(empty):
                backwards = empty[::-1]  # the last writer of a slot stays: the first occurrence
                self._slots[slot[backwards]] = value[backwards]
                # A slot just taken says who took it, until its digest takes the place of that.
                self._digests[slot[backwards]] = waiting[backwards]
                mine = empty[self._digests[slot[empty]] == waiting[empty]]
                first[waiting[mine]] = True
                self._digests[slot[mine]] = digests[waiting[mine]]
                present = self._slots[slot]
            ended = present == value
            places[waiting[ended]] = slot[ended]
            on = np.flatnonzero(~ended)
            waiting, value, slot = waiting[on], value[on], self._following(slot[on])
        return first, places
