"""Durations as people write them (`30s`, `5m`, `1h`, `7d`), kept as integer milliseconds."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM = re.compile(r"(\d+)(ms|s|m|h|d)")


def milliseconds(text: str | int) -> int:
    """`"5m"` -> 300000; an integer is taken as milliseconds. ValueError where it is neither."""
    if isinstance(text, int) and not isinstance(text, bool):
        if text < 0:
            raise ValueError(f"{text} is no duration: it is a number of milliseconds, 0 or more")
        return text
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s")
    return int(match[1]) * _UNITS[match[2]]


def as_text(duration: int) -> str:
    """Milliseconds as people write them, in the largest unit that is whole: 300000 -> `"5m"`."""
    unit = next(unit for unit in reversed(_UNITS) if duration % _UNITS[unit] == 0)
    return f"{duration // _UNITS[unit]}{unit}"


WRITTEN: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": f"^{_FORM.pattern}$"}, {"type": "integer"}]}
"""The JSON Schema of a duration."""

Duration = Annotated[int, BeforeValidator(milliseconds), WithJsonSchema(WRITTEN, mode="validation")]
"""Integer milliseconds, declared as text."""
