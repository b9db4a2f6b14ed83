"""Streams: their fields, and how a table maps to them."""

import datetime
import zoneinfo
from collections.abc import Iterator
from typing import Final

from schemas.streams import INTEGER_BITS, FieldType, RecordField, Stream
from services.runtime.catalogue.checks.names import check_fields
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake, nearest

_NUMBERS: Final = frozenset({*INTEGER_BITS, FieldType.decimal})


def check_stream(document: Document, stream: Stream) -> Iterator[Mistake]:
    """Mistakes in a stream."""
    yield from check_fields(document, "fields")
    yield from check_fields(document, "attributes")
    for name, field in stream.fields.items():
        yield from _field(document, ("fields", name), field)
    table = stream.table
    if table.time is not None:
        place: Place = ("table", "time")
        if not table.time.columns:
            yield document.mistake((*place, "columns"), "name the columns that hold the time, such as [date, time]")
        yield from check_zone(document, (*place, "zone"), table.time.zone)
    for name, mapping in table.columns.items():
        place = ("table", "columns", name)
        if name not in document.names(("fields",)):
            yield document.unknown(place, "field", name, stream.fields, at_key=True)
            continue
        if (mapping.column is None) == (mapping.constant is None):
            yield document.mistake(place, f"{name}: give either a column or a constant")
        target = stream.fields.get(name)
        if target is None:
            continue
        if mapping.scale and target.type not in INTEGER_BITS:
            yield document.mistake(
                (*place, "scale"), f"{name}: only a whole number takes a scale, not {target.type.value}"
            )
        if mapping.constant is not None:
            yield from _value(document, (*place, "constant"), name, target, mapping.constant)


def check_zone(document: Document, place: Place, zone: str) -> Iterator[Mistake]:
    """The mistake of a time zone that the IANA data base does not have."""
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield document.mistake(place, f"unknown time zone {zone!r}", nearest(zone, zoneinfo.available_timezones()))


def _field(document: Document, place: Place, field: RecordField) -> Iterator[Mistake]:
    name = place[-1]
    if len(set(field.enum)) < len(field.enum):
        yield document.mistake((*place, "enum"), f"{name}: the same value stands in the enumeration twice")
    bounds = [bound for bound in (field.min, field.max) if bound is not None]
    if bounds and field.type not in _NUMBERS:
        yield document.mistake(place, f"{name}: only numbers have min and max, not {field.type.value}")
    elif len(bounds) == 2 and bounds[0] > bounds[1]:
        yield document.mistake((*place, "min"), f"{name}: min {bounds[0]} is above max {bounds[1]}")
    if field.default is not None:
        yield from _value(document, (*place, "default"), str(name), field, field.default)


def _value(
    document: Document, place: Place, name: str, field: RecordField, value: str | int | bool
) -> Iterator[Mistake]:
    match field.type:
        case FieldType.enum:
            if value not in field.enum:
                message = f"{name}: {value!r} is not one of {', '.join(field.enum)}"
                yield document.mistake(place, message, nearest(str(value), field.enum))
            return
        case FieldType.string | FieldType.map:
            good = isinstance(value, str)
        case FieldType.boolean:
            good = isinstance(value, bool)
        case FieldType.date:
            good = isinstance(value, str) and _is_date(value)
        case FieldType.decimal:
            good = isinstance(value, int) and not isinstance(value, bool)
        case _:
            top = 1 << (INTEGER_BITS[field.type] - 1)
            good = isinstance(value, int) and not isinstance(value, bool) and -top <= value < top
    if not good:
        yield document.mistake(place, f"{name}: {value!r} is no {field.type.value}")


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
