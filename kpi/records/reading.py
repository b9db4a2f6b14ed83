"""Many records at once through polars' reader, and which of them it cannot be trusted with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from kpi.records.columns import Columns, time_from_text
from kpi.records.evidence import Names, RowNames, all_settled, by_row, names_in, one_object_a_line

WORTHWHILE = 100
"""Fewer records than these are judged sooner one by one: a call of the reader costs about half a millisecond."""
_CUT = 4
"""A part that cannot be read is cut in halves while it has more than so many times that."""
_SELDOM = ("source", "subject", "corrects", "voids")
_TEXT_TIME = re.compile(rb'"time"\s*:\s*"')
_SURROGATE = re.compile(rb"\\u[dD]")


@dataclass(slots=True)
class Reading:
    """What became of a batch: frames as delivered, positions that the validator has to judge, and unknown fields
    counted.
    """

    frames: list[pl.DataFrame] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)
    unknown_fields: int = 0


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of a batch's records, one object a line, and their positions in the batch.

    `alike`: their times are all written as integers, or all as text.
    """

    lines: Sequence[bytes]
    indices: Sequence[int]
    joined: bytes
    alike: bool = False

    def take(self, positions: Sequence[int]) -> "_Part":
        lines = [self.lines[p] for p in positions]
        return _Part(lines, [self.indices[p] for p in positions], b"\n".join(lines), alike=True)

    def by_time(self) -> list["_Part"]:
        """Those with an integer time and those with a text, where both are there; else the part itself."""
        if self.alike:
            return [self]
        as_text = [_TEXT_TIME.search(line) is not None for line in self.lines]
        groups = [[p for p, text in enumerate(as_text) if text is kind] for kind in (False, True)]
        return [self.take(group) for group in groups] if all(groups) else [self]

    def halves(self) -> list["_Part"]:
        middle = len(self.lines) // 2
        return [self.take(range(middle)), self.take(range(middle, len(self.lines)))]


class BatchReader:
    """Reads batches of one stream's records. What it delivers is what the validator would have said of them."""

    def __init__(self, columns: Columns, worthwhile: int) -> None:
        self._worthwhile = worthwhile
        self._columns = columns
        self._known = frozenset(columns.read)
        self._texts = tuple(name for name, dtype in columns.read.items() if dtype is pl.String)

    def read(self, raws: Sequence[bytes | None], appended: pl.Series) -> Reading:
        """Read the values; `appended` holds, for each, the epoch milliseconds of its arrival."""
        reading = Reading()
        pending = [_lines_of(raws, reading)]
        while pending:
            part = pending.pop()
            if len(part.lines) < self._worthwhile:
                reading.doubtful.extend(part.indices)
                continue
            pending.extend(self._read(part, appended, reading))
        return reading

    def _read(self, part: _Part, appended: pl.Series, reading: Reading) -> list[_Part]:
        """Read a part whole, and return nothing; or return the parts to be read in its place."""
        as_text = _TEXT_TIME.search(part.lines[0]) is not None
        seldom = [name for name in _SELDOM if _written(name) not in part.lines[0]]
        names = names_in(part.joined)
        unknown = None
        try:
            frame = self._frame(part, seldom, as_text=as_text)
            settled = self._settled(part, names, frame)
            if not settled and (found := [name for name in seldom if _written(name) in part.joined]):
                frame = self._frame(part, [name for name in seldom if name not in found], as_text=as_text)
                settled = self._settled(part, names, frame)
        except pl.exceptions.ComputeError:
            mixed = part.by_time()
            if len(mixed) == 1 and len(part.lines) < _CUT * self._worthwhile:
                reading.doubtful.extend(part.indices)
                return []
            return mixed if len(mixed) > 1 else part.halves()
        if not settled:
            if as_text and len(mixed := part.by_time()) > 1:
                return mixed
            unknown = self._look_at(part.lines, by_row(part.joined, names, frame))
        self._deliver(part, frame, appended, unknown, reading, as_text=as_text)
        return []

    def _frame(self, part: _Part, without: Sequence[str], *, as_text: bool) -> pl.DataFrame:
        # A column that no record fills costs as much to read as one that all do.
        schema = {name: dtype for name, dtype in self._columns.read.items() if name not in without}
        frame = pl.read_ndjson(part.joined, schema={**schema, "time": pl.String} if as_text else schema)
        if frame.height != len(part.lines):
            raise pl.exceptions.ComputeError("lines are not records")
        return frame

    def _settled(self, part: _Part, names: Names, frame: pl.DataFrame) -> bool:
        nulls = self._nulls_of_empty_cells(part, frame) if names.nulls.size else 0
        return all_settled(names, frame, nulls)

    def _nulls_of_empty_cells(self, part: _Part, frame: pl.DataFrame) -> int:
        """In how many empty cells the text writes a null after the column's name; -1 where a cell is filled all the
        same.
        """
        lines = pl.Series(part.lines, dtype=pl.Binary)
        total = 0
        for column in frame:
            for null in (b":null", b": null"):
                text = _written(column.name) + null
                if text not in part.joined:
                    continue
                written = lines.bin.contains(text)
                if (written & column.is_not_null()).any():
                    return -1
                total += int(written.sum())
        return total

    def _look_at(self, lines: Sequence[bytes], names: RowNames) -> NDArray[np.int64]:
        """Unknown fields per row, -1 where only the validator can tell what the row says."""
        unknown = np.where(names.loose, -1, 0)
        for row in np.flatnonzero(~names.settled & ~names.loose).tolist():
            try:
                value = orjson.loads(lines[row])
            except orjson.JSONDecodeError:
                unknown[row] = -1
                continue
            # As many names in the text as in the object: none is repeated, nested or part of a text.
            if len(value) != names.count[row] or "specversion" in value or self._wrong_text(value):
                unknown[row] = -1
            else:
                unknown[row] = len(value.keys() - self._known)
        return unknown

    def _wrong_text(self, value: dict[str, object]) -> bool:
        for name in self._texts:
            found = value.get(name)
            if found is not None and type(found) is not str:
                return True
        return False

    def _deliver(
        self,
        part: _Part,
        frame: pl.DataFrame,
        appended: pl.Series,
        unknown: NDArray[np.int64] | None,
        reading: Reading,
        *,
        as_text: bool,
    ) -> None:
        height = frame.height
        absent = [
            pl.Series(name, [None], dtype).new_from_index(0, height)
            for name, dtype in self._columns.read.items()
            if name not in frame
        ]
        index = pl.Series("index", part.indices, pl.UInt32)
        frame = frame.hstack([index, appended if height == len(appended) else appended[part.indices], *absent])
        if as_text:
            frame = frame.with_columns(time_from_text())
        frame = frame.select(*self._columns.delivery, self._columns.doubtful.alias(""))
        doubtful = frame.drop_in_place("")
        if unknown is not None:
            doubtful |= pl.Series(unknown < 0)
        if b"\\" in part.joined and _SURROGATE.search(part.joined):
            # The reader makes something up for half of a surrogate pair.
            doubtful |= pl.Series([_SURROGATE.search(line) is not None for line in part.lines])
        if doubtful.any():
            reading.doubtful.extend(index.filter(doubtful))
            frame = frame.filter(~doubtful)
        if unknown is not None:
            reading.unknown_fields += int(unknown[~doubtful.to_numpy()].sum())
        reading.frames.append(frame)


def _written(name: str) -> bytes:
    return f'"{name}"'.encode()


def _lines_of(raws: Sequence[bytes | None], reading: Reading) -> _Part:
    """The records with the outer form of one object on one line, which keeps lines and records the same; the others
    are doubtful.
    """
    lines = [raw for raw in raws if raw is not None]
    joined = b"\n".join(lines)
    if len(lines) == len(raws) and lines and one_object_a_line(joined, len(lines)):
        return _Part(lines, range(len(lines)), joined)
    lines, indices = [], []
    for index, raw in enumerate(raws):
        if raw and raw[0] == 0x7B and raw[-1] == 0x7D and b"\n" not in raw:
            lines.append(raw)
            indices.append(index)
        else:
            reading.doubtful.append(index)
    return _Part(lines, indices, b"\n".join(lines))
