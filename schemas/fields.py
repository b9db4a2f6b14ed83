"""The rules for single values: what each type of field takes, and how a decimal becomes an integer."""

import re
from collections.abc import Mapping

from pydantic_core import PydanticCustomError, core_schema

from schemas.declarations import PLAIN_NAME
from schemas.streams import INTEGER_BITS, FieldType, RecordField
from schemas.times import milliseconds_of, parse_date

DECIMAL_LIMIT = 10**15
"""A scaled decimal lies within +- this: a JSON number holds 15 digits exactly, wherever it is read."""

MAP_SEPARATOR = "; "
_MAP_VALUE = re.compile(r"[^\s;](?:[^\r\n;]*[^\s;])?")


def scaled(value: float, scale: int) -> int | None:
    """A decimal as integer x 10^-scale, rounded half-even in binary as columns do; None past the limit."""
    try:
        whole = round(float(value) * float(10**scale))
    except (OverflowError, ValueError):
        return None
    return whole if abs(whole) <= DECIMAL_LIMIT else None


def _moment(value: object) -> int:
    moment = milliseconds_of(value)
    if moment is None:
        raise PydanticCustomError("bad_time", "not a time: give integer milliseconds, or RFC 3339 with an offset")
    return moment


def _day(value: str) -> str:
    try:
        parse_date(value)
    except ValueError:
        raise PydanticCustomError("bad_time", "not a date: write it YYYY-MM-DD") from None
    return value


def map_text(entries: Mapping[str, str]) -> str:
    """The text of a map: its entries in order of their names. Raises ValueError for what cannot be an entry."""
    for name, value in entries.items():
        if not PLAIN_NAME.fullmatch(name) or not _MAP_VALUE.fullmatch(value):
            raise ValueError(f"{name}={value}")
    return MAP_SEPARATOR.join(f"{name}={value}" for name, value in sorted(entries.items()))


def map_entries(text: str) -> dict[str, str]:
    """The entries of a map's text, which may be written with any spaces. Raises ValueError for other text."""
    found: dict[str, str] = {}
    for part in text.split(";") if text.strip() else ():
        name, separator, value = part.partition("=")
        if not separator or name.strip() in found:
            raise ValueError(part)
        found[name.strip()] = value.strip()
    return found


def _map(value: object) -> str | None:
    try:
        if isinstance(value, str):
            return map_text(map_entries(value)) or None
        if isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair):
            return map_text(value) or None
    except ValueError:
        pass
    raise PydanticCustomError("map_type", "not a map")


def _decimal(field: RecordField) -> core_schema.CoreSchema:
    unit = 10**field.scale
    low, high = decimal_range(field)

    def rounded(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PydanticCustomError("number_type", "not a number")
        whole = scaled(value, field.scale)
        if whole is None or not low <= whole <= high:
            raise PydanticCustomError("out_of_range", "out of range")
        return whole / unit if field.scale else whole

    return core_schema.no_info_plain_validator_function(rounded)


def field_schema(field: RecordField) -> core_schema.TypedDictField:
    """The rule for one declared field, as pydantic's core takes it."""
    match field.type:
        case FieldType.string:
            shape: core_schema.CoreSchema = core_schema.str_schema(strict=True)
        case FieldType.enum:
            shape = core_schema.literal_schema(list(field.enum))
        case FieldType.boolean:
            shape = core_schema.bool_schema(strict=True)
        case FieldType.date:
            shape = core_schema.no_info_after_validator_function(_day, core_schema.str_schema(strict=True))
        case FieldType.decimal:
            shape = _decimal(field)
        case FieldType.map:
            shape = core_schema.no_info_plain_validator_function(_map)
        case _:
            low, high = integer_range(field)
            shape = core_schema.int_schema(strict=True, ge=low, le=high)
    if may_be_absent(field):
        return core_schema.typed_dict_field(core_schema.nullable_schema(shape), required=False)
    return core_schema.typed_dict_field(shape)


def may_be_absent(field: RecordField) -> bool:
    """Whether a record is complete without the field, or with null in its place."""
    return field.optional or field.default is not None


def integer_range(field: RecordField) -> tuple[int, int]:
    """The lowest and the highest value of an integer field: its width, narrowed by `min` and `max`."""
    top = 1 << (INTEGER_BITS[field.type] - 1)
    low = -top if field.min is None else max(-top, field.min)
    return low, top - 1 if field.max is None else min(top - 1, field.max)


def decimal_range(field: RecordField) -> tuple[int, int]:
    """The lowest and the highest value of a decimal field, x 10^scale."""
    unit = 10**field.scale
    low = -DECIMAL_LIMIT if field.min is None else max(-DECIMAL_LIMIT, field.min * unit)
    return low, DECIMAL_LIMIT if field.max is None else min(DECIMAL_LIMIT, field.max * unit)


def _name(minimum: int = 0) -> core_schema.TypedDictField:
    shape = core_schema.str_schema(strict=True, min_length=minimum)
    return core_schema.typed_dict_field(core_schema.nullable_schema(shape), required=False)


ENVELOPE_SCHEMAS: dict[str, core_schema.TypedDictField] = {
    "id": core_schema.typed_dict_field(core_schema.str_schema(strict=True, min_length=1)),
    "source": _name(),
    "time": core_schema.typed_dict_field(core_schema.no_info_plain_validator_function(_moment)),
    "subject": _name(),
    "corrects": _name(minimum=1),
    "voids": _name(minimum=1),
}
