"""What is kept of the records of many keys, and which keys are due to be looked at again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from kpi.entities.blocks import Blocks, Column
from kpi.entities.histories import Integers
from kpi.entities.places import Hashes, PlaceIndex
from kpi.entities.records import Layout, carried_column
from kpi.entities.texts import NO_TEXT, Texts
from kpi.entities.words import Words
from schemas.entities import NEVER
from schemas.wire import EntityRow, UnknownEncoding

FORM = "records/1"
"""How the records of a key are written to the log."""

AT_ONCE = -NEVER
_PATIENCE = 16
Columns = dict[str, Column]


class Keeping:
    """Records by 64-bit hash of their key. `definition` names what made them: others' are not taken over.

    `prefix`: what the keys of its rows in the log begin with.
    """

    def __init__(self, task: str, layout: Layout, definition: str, prefix: str = "") -> None:
        self._task, self.layout, self._definition, self._prefix = task, layout, definition, prefix
        self.words, self.texts = Words(), Texts()
        self._places, self._blocks = PlaceIndex(), Blocks(layout.dtypes())
        self._due = np.full(16, NEVER)
        self._limit = np.zeros(16, np.int32)
        self._dirty = np.zeros(16, bool)
        self._gone: set[int] = set()
        self._words_kept = 1

    def __len__(self) -> int:
        return len(self._places)

    @property
    def nbytes(self) -> int:
        """Bytes held, without the texts of source and id and those of the dictionary."""
        return self._places.nbytes + self._blocks.nbytes + self._due.nbytes + self._limit.nbytes + self._dirty.nbytes

    def assign(self, hashes: Hashes) -> Integers:
        """The places of keys, each named once."""
        places = self._places.assign(hashes)
        missing = self._places.capacity - len(self._due)
        if missing > 0:
            self._due = np.concatenate([self._due, np.full(missing, NEVER)])
            self._limit = np.concatenate([self._limit, np.zeros(missing, np.int32)])
            self._dirty = np.concatenate([self._dirty, np.zeros(missing, bool)])
        return places

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
        self._dirty[places] = True

    def overdue(self, horizon: int) -> Integers:
        """The places that were due before the horizon."""
        return np.flatnonzero(self._due < horizon)

    def settle(self, places: Integers, owner: Integers, columns: Mapping[str, Column], due: Integers) -> None:
        """Replaces records by what they amount to; places without any are let go. `due`: when to look at each again."""
        counts = np.bincount(owner, minlength=len(places))
        self._blocks.replace(places, counts, columns)
        self._due[places], self._limit[places] = due, 2 * counts
        gone = places[counts == 0]
        self._gone.update(self._places.owners[gone].tolist())
        self._dirty[gone], self._due[gone] = False, NEVER
        self._places.release(gone)

    def tidy(self) -> None:
        """Forgets texts that no record carries any more, once they may be most of the dictionary."""
        if self.words.count > 2 * self._words_kept + 1024:
            columns = [
                self._blocks.columns[carried_column(field)]
                for field in self.layout.fields
                if self._blocks.columns[carried_column(field)].dtype == np.uint32
            ]
            self.words.compact(columns)
            self._words_kept = self.words.count

    def flush(self, incarnation: str, number: int) -> list[EntityRow]:
        """The keys that changed since the last flush; None as the state of those that were let go."""
        places = np.flatnonzero(self._dirty)
        self._dirty[places] = False
        hashes = self._places.owners[places].tolist()
        gone, self._gone = self._gone.difference(hashes), set()
        columns, owner = self.rows(places)
        lists = [self.texts.of(columns[name]) if name == "text" else self._listed(columns[name]) for name in columns]
        records = list(zip(*lists, strict=True))
        ends = np.cumsum(np.bincount(owner, minlength=len(places))).tolist()
        head = {"form": FORM, "definition": self._definition}
        written = [
            EntityRow(self._task, self._key(key), incarnation, number, {**head, "records": records[start:end]})
            for key, start, end in zip(hashes, [0, *ends], ends, strict=False)
        ]
        return written + [EntityRow(self._task, self._key(key), incarnation, number, None) for key in gone]

    def _key(self, key: int) -> str:
        return f"{self._prefix}{key:016x}"

    def _listed(self, column: Column) -> list[Any]:
        if column.dtype == np.uint32:
            return self.words.texts(column).to_list()
        listed: list[Any] = column.tolist()
        return listed

    def restore(self, rows: Iterable[EntityRow]) -> None:
        """Takes over what the log holds. Raises UnknownEncoding for records in another form."""
        hashes: list[int] = []
        owner: list[int] = []
        records: list[Sequence[Any]] = []
        for row in rows:
            if row.state is None:
                continue
            if row.state.get("form") != FORM:
                raise UnknownEncoding(
                    f"the entity {row.key} of {row.task} is written as {row.state.get('form')!r}, not {FORM!r}: "
                    "start the version of the service that wrote it, or begin with an empty panes topic"
                )
            if row.state["definition"] == self._definition:
                records += row.state["records"]
                owner += [len(hashes)] * len(row.state["records"])
                hashes.append(int(row.key.removeprefix(self._prefix), 16))
        if not hashes:
            return
        kinds = self.layout.dtypes()
        columns = {
            name: self._referred(values) if name == "text" else self._numbered(list(values), kinds[name])
            for name, values in zip(self._blocks.columns, zip(*records, strict=True), strict=True)
        }
        places = self.assign(np.array(hashes, np.uint64))
        self.write(places, np.array(owner, np.int64), columns)
        self._dirty[places] = False

    def _referred(self, texts: Sequence[str | None]) -> Column:
        references = np.full(len(texts), NO_TEXT)
        known = pl.Series(texts, dtype=pl.String)
        references[known.is_not_null().to_numpy()] = self.texts.add(known.drop_nulls())
        return references

    def _numbered(self, values: list[Any], kind: np.dtype[Any]) -> Column:
        if kind == np.uint32:
            return self.words.of_list(values)
        return np.array(values, dtype=kind)
