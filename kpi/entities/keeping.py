"""What is kept of the records of many keys, and which keys are due to be looked at again."""

from collections.abc import Mapping, Sequence

import numpy as np

from kpi.entities.blocks import Blocks, Column
from kpi.entities.histories import Integers
from kpi.entities.places import Hashes, PlaceIndex
from kpi.entities.ranges import prefixes
from kpi.entities.records import Layout, carried_column
from kpi.entities.texts import Texts
from kpi.entities.words import NONE, Codes, Words
from schemas.entities import NEVER

AT_ONCE = -NEVER
_PATIENCE = 16
Columns = dict[str, Column]


class Keeping:
    """Records by 64-bit hash of their key."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.words, self.texts = Words(), Texts()
        self._places, self._blocks = PlaceIndex(), Blocks(layout.dtypes())
        self._due = np.full(16, NEVER)
        self._limit = np.zeros(16, np.int32)
        self._horizon = -NEVER
        self._words_kept = 1

    def __len__(self) -> int:
        return len(self._places)

    @property
    def nbytes(self) -> int:
        """Bytes held, without the texts of source and id and those of the dictionary."""
        return self._places.nbytes + self._blocks.nbytes + self._due.nbytes + self._limit.nbytes

    def assign(self, hashes: Hashes) -> Integers:
        """The places of keys, each named once."""
        places = self._places.assign(hashes)
        missing = self._places.capacity - len(self._due)
        if missing > 0:
            self._due = np.concatenate([self._due, np.full(missing, NEVER)])
            self._limit = np.concatenate([self._limit, np.zeros(missing, np.int32)])
        return places

    @property
    def settled(self) -> int:
        """The horizon up to which no place is due any more."""
        return min(self._horizon, int(self._due.min()))

    def ranges(self, bits: int, first: int, count: int) -> dict[int, tuple[Hashes, Integers]]:
        """The keys of up to so many ranges from the first one on, in order, and their places.

        A range are the hashes that begin with so many bits of its number.
        """
        last, shift = min(first + count, 1 << bits), 64 - bits
        lowest = max(first << shift, 1)
        owners = self._places.owners
        places = np.flatnonzero(owners - np.uint64(lowest) < np.uint64((last << shift) - lowest))
        places = places[np.argsort(owners[places])]
        keys = owners[places]
        ends = np.searchsorted(prefixes(keys, bits), np.arange(first, last + 1)).tolist()
        return {
            number: (keys[start:stop], places[start:stop])
            for number, start, stop in zip(range(first, last), ends, ends[1:], strict=False)
        }

    def find(self, hashes: Hashes) -> Integers:
        """The places of keys, -1 for those that are not kept."""
        return self._places.find(hashes)

    def rows(self, places: Integers) -> tuple[Columns, Integers]:
        """The records of the places, and for each the number of its place in `places`."""
        at, owner = self._blocks.rows(places)
        return {name: column[at] for name, column in self._blocks.columns.items()}, owner

    def write(self, places: Integers, owner: Integers, columns: Mapping[str, Column]) -> None:
        """Replaces the records of the places. `owner`: of each record the number of its place, ascending."""
        counts = np.bincount(owner, minlength=len(places))
        self._blocks.replace(places, counts, columns)
        last = np.cumsum(counts) - 1
        # Every place has a record: nothing is written to one that is let go.
        self._due[places] = np.where(
            counts > np.maximum(self._limit[places], _PATIENCE), AT_ONCE, columns["time"][last]
        )

    def overdue(self, horizon: int) -> Integers:
        """The places that were due before the horizon."""
        self._horizon = max(self._horizon, horizon)
        return np.flatnonzero(self._due < horizon)

    def settle(self, places: Integers, owner: Integers, columns: Mapping[str, Column], due: Integers) -> None:
        """Replaces records by what they amount to; places without any are let go. `due`: when to look at each again."""
        counts = np.bincount(owner, minlength=len(places))
        self._blocks.replace(places, counts, columns)
        self._due[places], self._limit[places] = due, 2 * counts
        gone = places[counts == 0]
        self._due[gone] = NEVER
        self._places.release(gone)

    def tidy(self, others: Sequence[Codes]) -> None:
        """Forgets texts that no record carries any more, once they may be most of the dictionary.

        `others`: further columns of codes, which are replaced in place.
        """
        if self.words.count > 2 * self._words_kept + 1024:
            columns = [
                self._blocks.columns[carried_column(field)]
                for field in self.layout.fields
                if self._blocks.columns[carried_column(field)].dtype == np.uint32
            ]
            unused = self._blocks.unused()
            for column in columns:
                column[unused] = NONE
            self.words.compact([*columns, *others])
            self._words_kept = self.words.count
