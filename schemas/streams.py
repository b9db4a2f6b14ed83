"""What a stream declares: its key, its clock, its fields and how a table's columns map to them."""

import operator
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from schemas.closings import Closing
from schemas.declarations import Declaration, FieldName, StreamName, if_said
from schemas.durations import Duration
from schemas.lookups import Attribute
from schemas.parts import StreamPart

ENVELOPE = frozenset({"id", "source", "time", "subject", "corrects", "voids"})


SUPERSEDES = "supersedes"
"""The field in which a recorded figure names the first one that it replaces, as `corrects` does."""


class FieldType(StrEnum):
    """The types of `streams.md`. A decimal is JSON number outside, int64 x 10^-scale inside.

    A map is a JSON object of texts, or the text that it is inside: `region=emea; team=north`, in order of names.
    """

    string = "string"
    int16 = "int16"
    int32 = "int32"
    int64 = "int64"
    boolean = "boolean"
    decimal = "decimal"
    date = "date"
    enum = "enum"
    map = "map"


INTEGER_BITS = {FieldType.int16: 16, FieldType.int32: 32, FieldType.int64: 64}


class RecordField(Declaration):
    """One field of a record.

    `string?` is short for `{type: string, optional: true}`, `{enum: [a, b]}` for an enumeration.
    """

    type: FieldType
    optional: bool = False
    enum: tuple[str, ...] = ()
    scale: int = Field(0, ge=0, le=9, description="decimals: digits kept after the point")
    min: int | None = None
    max: int | None = None
    default: str | int | bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"type": value.removesuffix("?"), "optional": value.endswith("?")}
        if isinstance(value, dict) and "enum" in value and "type" not in value:
            return {**value, "type": "enum"}
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type is FieldType.enum) != bool(self.enum):
            raise ValueError("an enumeration lists its values: {enum: [a, b]}")
        if self.scale and self.type is not FieldType.decimal:
            raise ValueError("only a decimal has a scale")
        return self


class ColumnMapping(Declaration):
    """Where a field's value comes from in a table: a column, optionally times 10^scale, or a constant."""

    column: str | None = None
    scale: int = 0
    constant: str | int | bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class TimeMapping(Declaration):
    """The columns that make the event's time, joined by a space and read as ISO 8601, or as `format` says (such as
    `%d.%m.%Y %H:%M`), in `zone` where they name none.
    """

    columns: tuple[str, ...]
    zone: str = "UTC"
    format: str | None = if_said(None)


class TableMapping(Declaration):
    """How the columns of a CSV, NDJSON or Parquet file map to the stream's fields.

    An unmapped field takes its own name. `delimiter` stands between the cells of a CSV file. `decimal_comma`: numbers
    are written as in 1.234,50. `dates`: how dates are written, by default as in 2026-04-01.
    """

    time: TimeMapping | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = if_said(None)
    decimal_comma: bool = if_said(False)
    dates: str | None = if_said(None)
    columns: dict[FieldName, ColumnMapping] = {}


class Stream(Declaration):
    """One Kafka topic with one declared record shape. All durations are in milliseconds."""

    stream: StreamName
    title: str = ""
    sentence: str = ""
    key: FieldName | None = None
    partitions: int = Field(4, ge=1, le=1024)
    partitioner: Literal["murmur2", "crc32", "any"] = "any"
    clock: Literal["live", "replay"] = "live"
    disorder: Duration = 30_000
    lateness: Duration = 3_600_000
    idle_timeout: Duration = 60_000
    ahead: Duration = Field(600_000, description="how far after its arrival an event's time may lie")
    corrections: Duration | None = Field(
        None, description="how long after an event `corrects` and `voids` may still name it; absent: never"
    )
    dedup_horizon: int = Field(1_000_000, ge=1, description="offsets per partition in which (source, id) is unique")
    fields: dict[FieldName, RecordField]
    table: TableMapping = TableMapping()
    contributions: dict[FieldName, StreamPart] = Field(
        {}, exclude_if=operator.not_, description="beside each event at its own time, what measures may be taken of"
    )

    attributes: dict[FieldName, Attribute] = Field(
        {}, exclude_if=operator.not_, description="texts that are looked up for every record, used like its fields"
    )

    closing: Closing | None = Field(None, exclude_if=operator.not_)

    recorded: bool = Field(
        False,
        exclude_if=operator.not_,
        description="figures that people record: one may come at any time, and be replaced at any time by another one "
        "that names it in `corrects`, or in a field `supersedes`; what was final is restated then",
    )

    @property
    def columns(self) -> dict[str, RecordField]:
        """The fields of a record, and what is looked up for it."""
        looked_up = dict.fromkeys(self.attributes, RecordField(type=FieldType.string, optional=True))
        return looked_up | self.fields

    def closes(self, part: StreamPart) -> bool:
        """Whether what is dated by this contribution is late once its day is closed, and not by how long ago it is."""
        return self.closing is not None and part.at is not None and part.at.day == self.closing.through

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if taken := ENVELOPE & self.fields.keys():
            raise ValueError(
                f"{', '.join(sorted(taken))} belongs to the envelope of every event; name the field otherwise"
            )
        if self.key is not None and self.key not in self.fields:
            raise ValueError(f"key: {self.key!r} is not one of its fields")
        if self.recorded and self.corrections is None:
            raise ValueError("recorded figures need corrections: how long one may replace another, such as 36500d")
        return self
