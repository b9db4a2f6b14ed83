"""Where an entity is kept: from the hash of its key to its place."""

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, as in Knuth's multiplicative hashing
_FREE = np.uint64(0)


class PlaceIndex:
    """Places 0, 1, 2 … of 64-bit hashes, which are never 0: open addressing with linear probing, in columns.

    A place that was released is given out again. An entry of the index whose place has another owner by now is void;
    void entries are cleared away when the index is built anew.
    """

    def __init__(self) -> None:
        self.owners: Hashes = np.zeros(16, np.uint64)
        self._end = 0
        self._released: list[Places] = []
        self._count = 0
        self._build(5)

    def __len__(self) -> int:
        return self._count

    @property
    def capacity(self) -> int:
        """Places that a column beside this index must have room for."""
        return len(self.owners)

    @property
    def nbytes(self) -> int:
        """Bytes of the index and the owners."""
        return int(self._hash.nbytes + self._place.nbytes + self.owners.nbytes)

    def _build(self, bits: int) -> None:
        self._bits = bits
        self._hash = np.zeros(1 << bits, np.uint64)
        self._place = np.zeros(1 << bits, np.int32)
        self._mask = np.int64((1 << bits) - 1)
        self._entries = 0
        live = np.flatnonzero(self.owners[: self._end] != _FREE)
        self._enter(self.owners[live], live)

    def _home(self, hashes: Hashes) -> Places:
        return ((hashes * _MULTIPLIER) >> np.uint64(64 - self._bits)).astype(np.int64)

    def find(self, hashes: Hashes) -> Places:
        """The place of each hash, -1 for those that have none."""
        found = np.full(len(hashes), -1, np.int64)
        waiting, value, at = np.arange(len(hashes)), hashes, self._home(hashes)
        while len(waiting):
            entry, place = self._hash[at], self._place[at].astype(np.int64)
            hit = (entry == value) & (self.owners[place] == value)
            found[waiting[hit]] = place[hit]
            on = np.flatnonzero(~hit & (entry != _FREE))
            waiting, value, at = waiting[on], value[on], (at[on] + 1) & self._mask
        return found

    def assign(self, hashes: Hashes) -> Places:
        """The place of each hash; those that have none are given one. No hash may come twice."""
        places = self.find(hashes)
        fresh = np.flatnonzero(places < 0)
        if len(fresh):
            places[fresh] = given = self._give(len(fresh))
            self.owners[given] = hashes[fresh]
            self._count += len(fresh)
            needed = (2 * (self._entries + len(fresh)) - 1).bit_length()
            if needed > self._bits:
                # Void entries go, so the index need not grow where only they fill it.
                # A little more than twice as many, or an index just below a power of two would be built ever again.
                self._build(max(5, (2 * self._count + self._count // 2).bit_length()))
            else:
                self._enter(hashes[fresh], given)
        return places

    def _give(self, count: int) -> Places:
        parts: list[Places] = []
        while count and self._released:
            part = self._released.pop()
            if len(part) > count:
                self._released.append(part[count:])
                part = part[:count]
            parts.append(part)
            count -= len(part)
        if count:
            parts.append(np.arange(self._end, self._end + count))
            self._end += count
            if self._end > len(self.owners):
                grown = np.zeros(max(self._end, 2 * len(self.owners)), np.uint64)
                grown[: len(self.owners)] = self.owners
                self.owners = grown
        return np.concatenate(parts)

    def release(self, places: Places) -> None:
        """Lets go of places."""
        if len(places):
            self.owners[places] = _FREE
            self._released.append(places)
            self._count -= len(places)

    def _enter(self, hashes: Hashes, places: Places) -> None:
        self._entries += len(hashes)
        waiting, at = np.arange(len(hashes)), self._home(hashes)
        while len(waiting):
            free = np.flatnonzero(self._hash[at] == _FREE)
            # Several may want the same entry: the last one written has it, the others go on.
            self._place[at[free]] = waiting[free]
            won = free[self._place[at[free]] == waiting[free]]
            self._hash[at[won]] = hashes[waiting[won]]
            self._place[at[won]] = places[waiting[won]]
            taken = np.ones(len(waiting), bool)
            taken[won] = False
            on = np.flatnonzero(taken)
            waiting, at = waiting[on], (at[on] + 1) & self._mask
