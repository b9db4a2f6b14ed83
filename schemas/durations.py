"""Durations as people write them (`30s`, `5m`, `1h`, `7d`), kept as integer milliseconds."""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM = re.compile(r"(\d+)(ms|s|m|h|d)")


def milliseconds(text: str | int) -> int:
    """`"5m"` -> 300000; an integer is taken as milliseconds. ValueError where it is neither."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s")
    return int(match[1]) * _UNITS[match[2]]


_WRITTEN = {"anyOf": [{"type": "string", "pattern": f"^{_FORM.pattern}$"}, {"type": "integer"}]}

Duration = Annotated[int, BeforeValidator(milliseconds), WithJsonSchema(_WRITTEN, mode="validation")]
"""Integer milliseconds, declared as text."""
