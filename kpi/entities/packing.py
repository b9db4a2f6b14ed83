"""Records of many keys as bytes: a head of JSON, then the columns, compressed together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cramjam
import numpy as np
import orjson

from kpi.entities.blocks import Column
from kpi.entities.histories import Integers

FORM = "columns/1"
"""How a body is packed. Little-endian columns, by planes: of all values the first byte, then the second, and so on."""

KEY = "key"
_RISING = (KEY, "time")
"""Columns of 64 bits that hold the differences between neighbours, as 0, -1, 1, -2, 2 …: most planes are then empty."""
_LENGTH = 4
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, one of them `key`: the hash of each record's key.

    `words`: the distinct texts of those columns whose numbers are places in it. `texts`: those of the records for which
    the column `text` is 1, in turn. `horizon`: up to where the records were settled (epoch milliseconds).
    """

    numbers: Mapping[str, Column]
    words: Mapping[str, list[str | None]]
    texts: list[str | None]
    horizon: int

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.numbers[KEY])


def pack(table: Table) -> bytes:
    """The bytes of a table; never empty."""
    columns = [(name, np.ascontiguousarray(column).astype(_little(column.dtype))) for name, column in _narrow(table)]
    head = orjson.dumps(
        {
            "rows": table.rows,
            "columns": [(name, column.dtype.str) for name, column in columns],
            "words": table.words,
            "texts": table.texts,
            "horizon": table.horizon,
        }
    )
    parts = [len(head).to_bytes(_LENGTH, "little"), head]
    for name, column in columns:
        values = _differences(column) if name in _RISING else column
        parts.append(values.view(np.uint8).reshape(len(values), values.itemsize).T.tobytes())
    return bytes(cramjam.zstd.compress(b"".join(parts), _LEVEL))


def _narrow(table: Table) -> Iterator[tuple[str, Column]]:
    for name, column in table.numbers.items():
        most = len(table.words[name]) if name in table.words else None
        yield name, column if most is None else column.astype(np.min_scalar_type(most))


def _little(kind: "np.dtype[np.generic]") -> "np.dtype[np.generic]":
    return kind.newbyteorder("<")


def _differences(column: Column) -> Column:
    rising = column.view(np.int64)
    change = np.diff(rising, prepend=np.int64(0))
    return (change << 1) ^ (change >> 63)


def _summed(changes: Integers) -> Integers:
    back = (changes.view(np.uint64) >> np.uint64(1)).view(np.int64) ^ -(changes & 1)
    return np.cumsum(back)


def unpack(body: bytes) -> Table:
    """The table of bytes that `pack` made."""
    whole = bytes(cramjam.zstd.decompress(body))
    start = _LENGTH + int.from_bytes(whole[:_LENGTH], "little")
    head = orjson.loads(whole[_LENGTH:start])
    rows, numbers = head["rows"], {}
    for name, kind in head["columns"]:
        size = np.dtype(kind).itemsize
        planes = np.frombuffer(whole, np.uint8, rows * size, start).reshape(size, rows)
        column = np.ascontiguousarray(planes.T).view(kind).reshape(rows)
        numbers[name] = _summed(column.view(np.int64)).view(kind) if name in _RISING else column
        start += rows * size
    return Table(numbers, head["words"], head["texts"], head["horizon"])
