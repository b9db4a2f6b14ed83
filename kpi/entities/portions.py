"""The parts in which records stand in the log: their names, and what each of them holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from kpi.entities.blocks import Column
from kpi.entities.histories import NULL
from kpi.entities.packing import KEY, Table, pack
from kpi.entities.places import Hashes
from kpi.entities.records import Layout
from kpi.entities.texts import NO_TEXT
from kpi.entities.words import NONE, Codes, Words

MOST_ROWS = 16_384
MOST_BYTES = 512 << 10
"""Of one part: a record of the log is to stay well below what a broker takes."""


class Part(NamedTuple):
    """A part's name: records of one flush, or those of a range of hashes: `bits` that they begin with, and which.

    `piece`: where it does not fit into one record, the number of this one.
    """

    arrivals: bool
    bits: int
    number: int
    piece: int

    def __str__(self) -> str:
        name = f"+{self.number}" if self.arrivals else f"{self.bits}/{self.number}"
        return f"{name}.{self.piece}" if self.piece else name

    @classmethod
    def named(cls, name: str) -> "Part":
        """The part of a name."""
        whole, _, piece = name.partition(".")
        bits, _, number = whole.rpartition("/")
        return cls(whole.startswith("+"), int(bits or 0), int(number), int(piece or 0))


def pieces(table: Table) -> Iterator[bytes]:
    """The table packed, in several where it is long. One without rows is one piece."""
    for start in range(0, max(table.rows, 1), MOST_ROWS):
        yield from _halved(_cut(table, start, start + MOST_ROWS))


def _halved(table: Table) -> Iterator[bytes]:
    body = pack(table)
    if len(body) <= MOST_BYTES or table.rows < 2:
        yield body
        return
    middle = table.rows // 2
    yield from _halved(_cut(table, 0, middle))
    yield from _halved(_cut(table, middle, table.rows))


def _cut(table: Table, start: int, stop: int) -> Table:
    if start == 0 and stop >= table.rows:
        return table
    first, last = (int(np.count_nonzero(table.numbers["text"][:end])) for end in (start, stop))
    numbers = {name: column[start:stop] for name, column in table.numbers.items()}
    words = {}
    for name, known in table.words.items():
        named, numbers[name] = np.unique(numbers[name], return_inverse=True)
        words[name] = [known[word] for word in named.tolist()]
    return Table(numbers, words, table.texts[first:last], table.horizon)


def table_of(words: Words, keys: Hashes, columns: Mapping[str, Column], texts: list[str | None], horizon: int) -> Table:
    """Records as they are kept, with texts in the place of what stands for them. `texts`: of those that have one."""
    numbers: dict[str, Column] = {KEY: keys}
    named: dict[str, list[str | None]] = {}
    for name, column in columns.items():
        if name == "text":
            numbers[name] = (column != NO_TEXT).astype(np.uint8)
        elif column.dtype == np.uint32:
            codes, numbers[name] = _distinct(column, words.count)
            named[name] = words.texts(codes).to_list()
        else:
            numbers[name] = column
    return Table(numbers, named, texts, horizon)


def _distinct(codes: Codes, count: int) -> tuple[Codes, Column]:
    """The codes that occur, and for each the place of it among those. `count`: of all codes that there are."""
    if count > 4 * len(codes):
        return np.unique(codes, return_inverse=True)
    # None stands last, after all that there are.
    numbers = np.minimum(codes, np.uint32(count))
    occurs = np.zeros(count + 1, bool)
    occurs[numbers] = True
    found = np.flatnonzero(occurs).astype(np.uint32)
    place = (np.cumsum(occurs) - 1).astype(np.min_scalar_type(len(found)))
    return np.where(found == count, NONE, found), place[numbers]


def columns_of(tables: Sequence[Table], layout: Layout, words: Words) -> dict[str, Column]:
    """The columns of tables, one after the other, as they are kept; of `text` whether there is one.

    A carried field that a table does not have, or has of another type, is absent from each of its records.
    """
    columns: dict[str, Column] = {}
    for name, kind in layout.dtypes().items():
        if name == "text":
            columns[name] = np.concatenate([table.numbers[name] for table in tables])
        elif kind == np.uint32:
            columns[name] = _named(tables, name, words)
        else:
            columns[name] = np.concatenate(
                [
                    table.numbers[name].astype(kind)
                    if name in table.numbers and name not in table.words
                    else np.full(table.rows, NULL, kind)
                    for table in tables
                ]
            )
    return columns


def _named(tables: Sequence[Table], name: str, words: Words) -> Column:
    known: list[str | None] = [None]
    numbers = []
    for table in tables:
        if name in table.words:
            numbers.append(table.numbers[name].astype(np.int64) + len(known))
            known += table.words[name]
        else:
            numbers.append(np.zeros(table.rows, np.int64))
    return words.of_list(known)[np.concatenate(numbers)]
