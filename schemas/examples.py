"""A worked example of a KPI: a handful of events, what is asked, and the value that follows by hand."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, FiniteFloat, WithJsonSchema

from schemas.declarations import DOTTED_NAME, Declaration, FieldName, StreamName
from schemas.times import parse_time

SOURCE = "example"
"""Who says the events of an example that name nobody."""

_SHORT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?", re.ASCII)


def _moment(text: str) -> str:
    short = _SHORT.fullmatch(text)
    full = f"{short[1]}T{short[2]}{short[3] or ':00'}Z" if short else text
    try:
        parse_time(full)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write it in UTC, such as 2026-03-02 09:30, or as RFC 3339 with an offset"
        ) from None
    return full


Moment = Annotated[str, AfterValidator(_moment), WithJsonSchema({"type": "string"}, mode="validation")]
"""RFC 3339 with an offset; `2026-03-02 09:30` and `2026-03-02 09:30:15` are short for it, in UTC."""


def _occurrence(written: dict[str, Any]) -> dict[str, Any]:
    streams = [name for name in written if DOTTED_NAME.fullmatch(name)]
    if len(streams) != 1:
        raise ValueError("an event begins with its stream and its time, such as {shop.order: 2026-03-02 09:30, …}")
    return {**written, streams[0]: _moment(str(written[streams[0]]))}


_SCALAR = {"type": ["string", "number", "boolean", "null", "object"]}
_FIELDS = {"type": "object", "additionalProperties": _SCALAR}

Occurrence = Annotated[
    dict[str, Any],
    AfterValidator(_occurrence),
    WithJsonSchema(
        {
            **_FIELDS,
            "description": "the event's stream and its time, then its fields",
            "minProperties": 1,
            "patternProperties": {f"^{DOTTED_NAME.pattern}$": {"type": "string"}},
        },
        mode="validation",
    ),
]
"""An event: `{shop.order: 2026-03-02 09:30, order_id: o1, …}`."""

Given = Annotated[dict[str, Any], WithJsonSchema(_FIELDS, mode="validation")]
"""Fields with their values."""


class Example(Declaration):
    """A worked example: these events, in the order in which they arrive, and the value of the window that holds `at` (a
    rolling one ends there).

    `given`: by stream, fields that all its events here have unless they say otherwise; null leaves a field out. Events
    have an id and a source by their place (`1`, `2`, …, which `corrects` and `voids` may name) unless they give their
    own. `clock`: up to where every stream has been heard; by default everything is final. `value` and `also` are as the
    api gives them: money in major units, and with three decimals or more they are rounded.
    """

    arithmetic: str = Field(min_length=1, description="one sentence: how the value follows from the events")
    given: dict[StreamName, Given] = {}
    events: tuple[Occurrence, ...] = Field(min_length=1)
    window: str
    at: Moment
    clock: Moment | None = None
    time_zone: str = "UTC"
    where: dict[FieldName, str] = {}
    value: FiniteFloat
    also: dict[FieldName, FiniteFloat] = {}

    def told(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each event's stream and the whole event: id, source, time, and its fields without those that are null."""
        for place, event in enumerate(self.events, 1):
            stream = stream_of(event)
            fields = {**self.given.get(stream, {}), **event}
            known = {name: value for name, value in fields.items() if name != stream and value is not None}
            yield stream, {"id": str(place), "source": SOURCE, "time": event[stream], **known}


def stream_of(event: Mapping[str, Any]) -> str:
    """The stream that an event begins with; a field never has a dot in its name."""
    return next(name for name in event if "." in name)
