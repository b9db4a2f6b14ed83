"""Records of entities as columns: what is kept of each, and how texts become numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kpi.entities.blocks import Column
from kpi.entities.histories import NULL, Integers
from kpi.entities.texts import Texts
from kpi.entities.words import NONE, Words
from schemas.states import Lane
from schemas.streams import FieldType, Stream

SETTLED, BEGINS, VOID = 1, 2, 4
"""Flags of a record: older than the horizon; the first of its life (settled ones only); it voids another."""
STREAM = 3
"""The bits from this one on number the stream of a record that is not settled."""

_TEXT = (FieldType.string, FieldType.enum, FieldType.map)
_FIXED: dict[str, npt.DTypeLike] = {"time": np.int64, "signals": np.int64, "flags": np.uint8, "text": np.int64}
_NAMED: dict[str, npt.DTypeLike] = {"own": np.uint64, "target": np.uint64}
ORDERING = ("time", "signals", "flags", *_NAMED)
"""The columns that histories are made of; the others are only carried."""


def carried_column(field: str) -> str:
    """The column that holds a field's values."""
    return f"={field}"


def lane_field(lane: Lane) -> str:
    """The carried field that tells lanes apart: the declared one, or one that is made of those of several streams."""
    return lane if isinstance(lane, str) else ",".join(f"{stream}.{field}" for stream, field in sorted(lane.items()))


def lane_of(lane: Lane, stream: str) -> pl.Expr | None:
    """What that field is in records of the stream; None where it is a field of theirs, or they are in no lane."""
    if isinstance(lane, str) or stream not in lane:
        return None
    field = lane[stream]
    return pl.concat_str([pl.lit(field), pl.col(field).cast(pl.String)], separator="\x00").alias(lane_field(lane))


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns kept. `fields`: carried fields and their polars types; `named`: whether records name each other.

    `bits`: how many signals there are.
    """

    fields: Mapping[str, Any]
    named: bool
    bits: int

    @classmethod
    def of(cls, streams: Sequence[Stream], fields: Sequence[str], *, named: bool, bits: int = 0) -> "Layout":
        """Of fields; what none of the streams has is made of others (`lane_of`), and text."""
        kinds: dict[str, Any] = {}
        for field in fields:
            types = (stream.columns[field].type for stream in streams if field in stream.columns)
            kind = next(types, FieldType.string)
            kinds[field] = pl.String if kind in _TEXT else pl.Boolean if kind is FieldType.boolean else pl.Int64
        return cls(kinds, named, bits)

    def dtypes(self) -> dict[str, np.dtype[Any]]:
        """The numpy types by column."""
        kinds = _FIXED | {"signals": np.int32 if self.bits < 32 else np.int64} | (_NAMED if self.named else {})
        for field, kind in self.fields.items():
            kinds[carried_column(field)] = np.uint32 if kind == pl.String else np.int64
        return {name: np.dtype(kind) for name, kind in kinds.items()}

    def packed(self, words: Words, texts: Texts, frame: pl.DataFrame) -> dict[str, Column]:
        """The columns of accepted records: `time`, `signals`, `text` (source and id) and the fields.

        Where records name each other also `identifier`, `target` and `void`.
        """
        count = frame.height
        columns: dict[str, Column] = {
            "time": frame["time"].to_numpy(),
            "signals": frame["signals"].to_numpy(),
            "flags": np.zeros(count, np.uint8),
            "text": texts.add(frame["text"]),
        }
        if self.named:
            columns["own"] = frame["identifier"].to_numpy()
            columns["target"] = frame["target"].fill_null(0).to_numpy()
            columns["flags"] = np.where(frame["void"].to_numpy(), np.uint8(VOID), np.uint8(0))
        for field, kind in self.fields.items():
            values = (
                frame[field]
                if field in frame.columns
                else pl.Series(field, [None], dtype=kind).new_from_index(0, count)
            )
            columns[carried_column(field)] = _numbers(words, values, kind)
        return columns

    def values(self, words: Words, field: str, columns: Mapping[str, Column], rows: Integers) -> pl.Series:
        """The carried values of rows; null for NO_ROW and for what is absent."""
        column, kind = columns[carried_column(field)], self.fields[field]
        absent = rows < 0
        if not len(column):
            return pl.Series([None] * len(rows), dtype=kind)
        if kind == pl.String:
            return words.texts(np.where(absent, NONE, column[rows]))
        numbers = pl.Series(np.where(absent, NULL, column[rows]))
        return nullable(numbers).cast(kind)

    def numbers(self, columns: Mapping[str, Column]) -> Callable[[str], Integers]:
        """The values of a field by row, as numbers: equal ones for equal values, NULL for what is absent."""

        def of(field: str) -> Integers:
            column = columns[carried_column(field)]
            if self.fields[field] != pl.String:
                return column
            return np.where(column == NONE, NULL, column.astype(np.int64))

        return of


def nullable(numbers: pl.Series) -> pl.Series:
    """The numbers with null for NULL."""
    if numbers.min() != NULL:
        return numbers
    return pl.select(pl.when(numbers != NULL).then(numbers)).to_series()


def _numbers(words: Words, values: pl.Series, kind: Any) -> Column:
    if kind == pl.String:
        return words.codes(values.cast(pl.String))
    numbers: Column = values.cast(pl.Int64).fill_null(NULL).to_numpy()
    return numbers
