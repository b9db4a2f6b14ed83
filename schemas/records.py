"""One record against its stream's declaration: the rules that hold at every door.

Whatever reads records faster than this has to reach the same verdict; `kpi.records` does so by leaving every doubt to
this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from pydantic_core import SchemaValidator, ValidationError, core_schema

from schemas.cloudevents import is_structured, unwrap
from schemas.fields import ENVELOPE_SCHEMAS, decimal_range, field_schema, integer_range
from schemas.streams import SUPERSEDES, FieldType, RecordField, Stream

ENVELOPE_FIELDS = ("id", "source", "time", "subject", "corrects", "voids")


class Flaw(StrEnum):
    """Why a record is invalid; few enough to be a label of a metric."""

    not_json = "not_json"
    not_an_object = "not_an_object"
    wrong_stream = "wrong_stream"
    missing = "missing"
    wrong_type = "wrong_type"
    unknown_value = "unknown_value"
    out_of_range = "out_of_range"
    empty = "empty"
    bad_time = "bad_time"
    in_the_future = "in_the_future"
    too_large = "too_large"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a record: an RFC 6901 pointer into it, the reason in words, and its kind. Never holds
    the value.
    """

    pointer: str
    reason: str
    flaw: Flaw


class RecordValidator:
    """The validator of one stream's records."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._known = frozenset({*ENVELOPE_FIELDS, *stream.fields})
        self._defaults = {name: field.default for name, field in stream.fields.items() if field.default is not None}
        shapes = {**ENVELOPE_SCHEMAS, **{name: field_schema(declared) for name, declared in stream.fields.items()}}
        self._validator = SchemaValidator(core_schema.typed_dict_schema(shapes, extra_behavior="ignore"))

    def validate(self, value: object, appended: int) -> dict[str, Any] | list[Mistake]:
        """The flat event of one parsed JSON value, or all that is wrong with it.

        `value` is a flat event, or a structured CloudEvent of this stream. `appended` is when it arrived, in epoch
        milliseconds. The event has `id`, `source` (default `""`), `time` (epoch milliseconds), then `subject`,
        `corrects`, `voids` and the declared fields in their order, without nulls, with declared defaults. A decimal is
        rounded to its scale.
        """
        if not isinstance(value, dict):
            return [Mistake("", "a record is one JSON object", Flaw.not_an_object)]
        prefix = ""
        if is_structured(value, self.stream):
            try:
                value = unwrap(value, self.stream)
            except ValueError as error:
                pointer, reason = error.args
                return [Mistake(pointer, reason, Flaw.wrong_stream if pointer == "/type" else Flaw.wrong_type)]
            prefix = "/data"
        try:
            event: dict[str, Any] = self._validator.validate_python(value)
        except ValidationError as error:
            return _mistakes(error, prefix, self.stream.fields)
        if event["time"] > appended + self.stream.ahead:
            return [Mistake("/time", f"in the future, by more than {self.stream.ahead / 1000:g} s", Flaw.in_the_future)]
        merged = {**self._defaults, **{name: item for name, item in event.items() if item is not None}}
        merged.setdefault("source", "")
        if self.stream.recorded and SUPERSEDES in merged:
            merged.setdefault("corrects", merged[SUPERSEDES])
        return {name: merged[name] for name in (*ENVELOPE_FIELDS, *self.stream.fields) if name in merged}

    def validate_json(self, raw: bytes | None, appended: int) -> dict[str, Any] | list[Mistake]:
        """As `validate`, from the bytes of one JSON value. Where a name comes twice in an object, the last one
        counts.
        """
        parsed = parse(raw)
        return [parsed] if isinstance(parsed, Mistake) else self.validate(parsed, appended)

    def unknown_fields(self, value: Mapping[str, Any]) -> int:
        """How many fields of a parsed record the stream does not declare."""
        if is_structured(value, self.stream):
            value = unwrap(value, self.stream)
        return len(value.keys() - self._known)


def parse(raw: bytes | None) -> Any:
    """The JSON value in some bytes, or the `Mistake` that they are none."""
    if not raw:
        return Mistake("", "empty, where one JSON object belongs", Flaw.not_json)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Mistake("", f"not JSON, from byte {error.pos}", Flaw.not_json)


_FLAWS = {
    "missing": Flaw.missing,
    "literal_error": Flaw.unknown_value,
    "greater_than_equal": Flaw.out_of_range,
    "less_than_equal": Flaw.out_of_range,
    "out_of_range": Flaw.out_of_range,
    "string_too_short": Flaw.empty,
    "bad_time": Flaw.bad_time,
}


def _mistakes(error: ValidationError, prefix: str, fields: Mapping[str, RecordField]) -> list[Mistake]:
    found = []
    for entry in error.errors(include_url=False, include_context=False):
        name = str(entry["loc"][0])
        flaw = _FLAWS.get(entry["type"], Flaw.wrong_type)
        if flaw is not Flaw.missing and entry["input"] is None:
            flaw = Flaw.missing
        elif flaw is Flaw.unknown_value and not isinstance(entry["input"], str):
            flaw = Flaw.wrong_type
        pointer = f"{prefix}/{name}" if name in fields else f"/{name}"
        found.append(Mistake(pointer, _reason(flaw, fields.get(name), entry["msg"]), flaw))
    return found


_KINDS = {
    FieldType.string: "a string",
    FieldType.enum: "a string",
    FieldType.date: "a string",
    FieldType.boolean: "true or false",
    FieldType.decimal: "a number",
    FieldType.map: "an object of texts, nor text such as region=emea; team=north",
}


def _reason(flaw: Flaw, field: RecordField | None, message: str) -> str:
    if flaw in (Flaw.missing, Flaw.empty):
        return flaw.value
    if flaw is Flaw.wrong_type:
        return f"not {_KINDS.get(field.type, 'an integer') if field else 'a string'}"
    if field is not None and flaw is Flaw.unknown_value:
        return f"unknown value; known are {', '.join(field.enum)}"
    if field is not None and flaw is Flaw.out_of_range:
        low, high = decimal_range(field) if field.type is FieldType.decimal else integer_range(field)
        return f"out of range: {_plain(low, field)} to {_plain(high, field)}"
    return message


def _plain(bound: int, field: RecordField) -> str:
    return f"{bound / 10**field.scale:.{field.scale}f}" if field.scale else str(bound)
