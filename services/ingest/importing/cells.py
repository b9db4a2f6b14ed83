"""Cells of a table as the JSON values that a field takes; what cannot be one is left for the validator to reject."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from schemas.streams import INTEGER_BITS, FieldType

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", re.ASCII)
"""A number as in 1.234,50."""
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})

Convert = Callable[[Any], Any]


_NUMBERS = frozenset({*INTEGER_BITS, FieldType.decimal})


def converter(kind: FieldType, scale: int = 0, *, decimal_comma: bool = False, dates: str | None = None) -> Convert:
    """What makes a field's value of a cell that is not empty; `scale` multiplies a number by 10^scale.

    `decimal_comma`: numbers are written as in 1.234,50. `dates`: the format of dates, as `strptime` takes it.
    """
    if decimal_comma and kind in _NUMBERS:
        plain = converter(kind, scale)
        return lambda cell: plain(with_point(cell))
    if dates is not None and kind is FieldType.date:
        return lambda cell: _date_of(cell, dates)
    if scale:
        return lambda cell: _scaled(cell, scale)
    return _CONVERTERS.get(kind, _integer)


def text_of(cell: Any) -> Any:
    """A cell as text, as CSV would hold it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | float | Decimal) else cell


def with_point(cell: Any) -> Any:
    """`1.234,50` as `1234.50`; what is no such number as it is."""
    return cell.replace(".", "").replace(",", ".") if isinstance(cell, str) and COMMA.fullmatch(cell.strip()) else cell


def _date_of(cell: Any, form: str) -> Any:
    try:
        # A date has no zone.
        return (
            datetime.strptime(f"{cell.strip()} +0000", f"{form} %z").date().isoformat()
            if isinstance(cell, str)
            else _date(cell)
        )
    except ValueError:
        return cell


def _scaled(cell: Any, scale: int) -> Any:
    try:
        number = Decimal(cell.strip() if isinstance(cell, str) else str(cell)).scaleb(scale)
    except (InvalidOperation, ValueError):
        return cell
    if not number.is_finite():
        return cell
    # A number that is not whole after all stays one, and is rejected as such.
    return int(number) if number == number.to_integral_value() else float(number)


def _integer(cell: Any) -> Any:
    if isinstance(cell, str) and _WHOLE.fullmatch(cell.strip()):
        return int(cell)
    # A column of whole numbers with gaps is often kept as floats.
    if isinstance(cell, float | Decimal) and isfinite(cell) and int(cell) == cell:
        return int(cell)
    return cell


def _decimal(cell: Any) -> Any:
    if not isinstance(cell, str | Decimal):
        return cell
    try:
        number = float(Decimal(cell.strip() if isinstance(cell, str) else cell))
    except (InvalidOperation, OverflowError):
        return cell
    return number


def _boolean(cell: Any) -> Any:
    word = text_of(cell).strip().lower() if isinstance(cell, str | int) else cell
    return True if word in _TRUE else False if word in _FALSE else cell


def _date(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else cell


_CONVERTERS: dict[FieldType, Convert] = {
    FieldType.string: text_of,
    FieldType.enum: text_of,
    FieldType.map: text_of,
    FieldType.boolean: _boolean,
    FieldType.decimal: _decimal,
    FieldType.date: _date,
}
