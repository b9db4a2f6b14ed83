"""A stream's fields as columns: their types, the checks on them, and how an event's values become theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi.grains import DAY
from schemas.fields import decimal_range, integer_range, may_be_absent, scaled
from schemas.streams import FieldType, RecordField, Stream
from schemas.times import EARLIEST, LATEST, parse_date

_DTYPES: dict[FieldType, type[pl.DataType]] = {
    FieldType.string: pl.String,
    FieldType.enum: pl.String,
    FieldType.boolean: pl.Boolean,
    FieldType.map: pl.String,
}
_READ_AS: dict[FieldType, type[pl.DataType]] = {**_DTYPES, FieldType.date: pl.String, FieldType.decimal: pl.Float64}
_PLAIN_TIME = (
    r"^(?:197[1-9]|19[89]\d|2\d{3})-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """How the records of one stream are read, checked and delivered.

    `read`: types for the reader; `delivered`: types of the frame, in order. `doubtful` is true where a row as read
    needs the validator's verdict; it wants the columns `time` in milliseconds and `appended`. `delivery` turns what
    was read into what is delivered.
    """

    read: dict[str, type[pl.DataType]]
    delivered: dict[str, type[pl.DataType]]
    doubtful: pl.Expr
    delivery: tuple[pl.Expr, ...]
    fields: Mapping[str, RecordField]

    def values(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The delivered values, but for `index`, of one event that the validator accepted."""
        converted = {name: _value(field, event[name]) for name, field in self.fields.items() if name in event}
        return {name: converted.get(name, event.get(name)) for name in self.delivered if name != "index"}


def columns_of(stream: Stream) -> Columns:
    """The columns of a stream's records; `index` (UInt32) comes first, then the envelope without `subject`, then the
    fields.
    """
    fields = stream.fields
    text = dict.fromkeys(("id", "source", "subject", "corrects", "voids"), pl.String)
    doubts = [
        pl.col("id").is_null(),
        pl.any_horizontal(pl.col("id", "corrects", "voids") == ""),
        ~pl.col("time").is_between(EARLIEST, LATEST),
        pl.col("time").is_null(),
        pl.col("time") > pl.col("appended") + stream.ahead,
        *(doubt for name, field in fields.items() for doubt in _doubts(name, field)),
        # They are few, and one may name another in a field of its own.
        *([pl.lit(value=True)] if stream.recorded else []),
    ]
    return Columns(
        read={**text, "time": pl.Int64, **{name: _READ_AS.get(field.type, pl.Int64) for name, field in fields.items()}},
        delivered={
            "index": pl.UInt32,
            "id": pl.String,
            "source": pl.String,
            "time": pl.Int64,
            "corrects": pl.String,
            "voids": pl.String,
            **{name: _DTYPES.get(field.type, pl.Int64) for name, field in fields.items()},
        },
        doubtful=pl.any_horizontal(doubts).fill_null(value=False),
        delivery=(
            pl.col("index", "id"),
            pl.col("source").fill_null(""),
            pl.col("time", "corrects", "voids"),
            *(_delivery(name, field) for name, field in fields.items()),
        ),
        fields=fields,
    )


def time_from_text() -> pl.Expr:
    """The text column `time` as milliseconds; null where the validator has to look."""
    text = pl.col("time")
    plain = pl.when(text.str.contains(_PLAIN_TIME)).then(text)
    moment = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)
    return moment.dt.timestamp("ms").alias("time")


def _doubts(name: str, field: RecordField) -> list[pl.Expr]:
    column = pl.col(name)
    found = [] if may_be_absent(field) else [column.is_null()]
    match field.type:
        case FieldType.string | FieldType.boolean:
            pass
        case FieldType.map:
            # The validator puts its entries in order.
            found.append(column.is_not_null())
        case FieldType.enum:
            found.append(~column.is_in(field.enum))
        case FieldType.date:
            found.append(column.is_not_null() & _date(column).is_null())
        case FieldType.decimal:
            found.append(~_scaled(column, field).is_between(*decimal_range(field)))
        case _:
            low, high = integer_range(field)
            if field.type is not FieldType.int64 or field.min is not None or field.max is not None:
                found.append(~column.is_between(low, high))
    return found


def _delivery(name: str, field: RecordField) -> pl.Expr:
    column = pl.col(name)
    if field.type is FieldType.date:
        column = _date(column)
    elif field.type is FieldType.decimal:
        column = _scaled(column, field).cast(pl.Int64, strict=False)
    return column if field.default is None else column.fill_null(_value(field, field.default))


def _date(column: pl.Expr) -> pl.Expr:
    plain = pl.when(column.str.contains(r"^[12]\d{3}-\d\d-\d\d$")).then(column)
    return plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64) * DAY


def _scaled(column: pl.Expr, field: RecordField) -> pl.Expr:
    return (column * float(10**field.scale)).round(mode="half_to_even")


def _value(field: RecordField, value: Any) -> Any:
    if field.type is FieldType.date:
        return parse_date(value)
    return scaled(value, field.scale) if field.type is FieldType.decimal else value
