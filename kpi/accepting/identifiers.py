"""Ids seen within a horizon of offsets: exact, vectorised, and a pure function of the log."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash as plh

from kpi.accepting.hash_table import LEAST, Digests, Hashes, HashTable, Mask

Offsets = npt.NDArray[np.int64]
_HASHED = plh.col("identifier").nchash.xxh3_64()
_NOT_CONTENT = ("index", "offset", "source", "id")


def identifier_hashes(frame: pl.DataFrame, identifier: str = "id") -> Hashes:
    """64-bit XXH3 hashes of (source, id), never 0. Frame: `source` and the column `identifier`, String, no nulls."""
    joined = pl.concat_str([pl.col("source"), pl.col(identifier)], separator="\x00").alias("identifier")
    hashes: Hashes = frame.select(joined).select(_HASHED)["identifier"].to_numpy()
    return np.where(hashes == 0, np.uint64(1), hashes)


def content_digests(frame: pl.DataFrame) -> Digests:
    """32 bits of each record's time and fields as decoded, however its JSON was written.

    For comparing within this process only: polars may hash otherwise in another version.
    """
    hashes: Hashes = frame.select(pl.exclude(*_NOT_CONTENT)).hash_rows().to_numpy()
    return (hashes ^ (hashes >> np.uint64(32))).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Of each record: whether its id was not remembered before it, and whether it was, with other content."""

    fresh: Mask
    conflicting: Mask


class SeenIdentifiers:
    """The ids of at least the last `horizon` offsets of one topic partition, in generations cut at absolute offsets.

    A generation holds every id of its offsets, duplicates too, each with a digest of the first content that it came
    with there, so that it is a function of that piece of the log alone, and re-reading the piece rebuilds it; the
    answer does not depend on how records were batched.
    """

    def __init__(self, horizon: int) -> None:
        self._horizon = horizon
        self._generations: dict[int, HashTable] = {}

    def rebuild_from(self, position: int) -> int:
        """The first offset that must be read again to stand before `position`."""
        return max(0, (position // self._horizon - 1) * self._horizon)

    def reached(self, asking: Offsets, asked: Offsets) -> Mask:
        """Whether a record at an offset of `asking` is near enough to remember the one at `asked` before it."""
        return asked // self._horizon >= asking // self._horizon - 1

    def known_at(self, hashes: Hashes, offsets: Offsets) -> Mask:
        """Which of `hashes` are remembered by a record at that offset, of what was added so far; ask before adding."""
        known = np.zeros(len(hashes), bool)
        generations = offsets // self._horizon
        for generation, table in self._generations.items():
            near = np.flatnonzero((generations == generation) | (generations == generation + 1))
            known[near] |= table.find(hashes[near])[0]
        return known

    def add(self, hashes: Hashes, digests: Digests, offsets: Offsets) -> Sighting:
        """Remembers ids at ascending offsets, with the digests of their content."""
        fresh, conflicting = np.ones(len(hashes), bool), np.zeros(len(hashes), bool)
        generations = offsets // self._horizon
        cuts = np.flatnonzero(np.diff(generations)) + 1
        for start, stop in pairwise((0, *cuts.tolist(), len(hashes)) if len(hashes) else ()):
            here, number = slice(start, stop), int(generations[start])
            for old in [old for old in self._generations if old < number - 1]:
                del self._generations[old]
            previous = self._generations.get(number - 1)
            if number not in self._generations:
                room = LEAST if previous is None else previous.slots
                self._generations[number] = HashTable(self._horizon, room)
            first, remembered = self._generations[number].add(hashes[here], digests[here])
            if previous is not None:
                earlier, with_it = previous.find(hashes[here])
                first &= ~earlier
                remembered = np.where(earlier, with_it, remembered)
            fresh[here] = first
            conflicting[here] = ~first & (remembered != digests[here])
        return Sighting(fresh, conflicting)
