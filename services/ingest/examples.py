"""What the OpenAPI document says of the bodies that ingest takes, with examples."""

from typing import Any

from services.ingest.parsing import CLOUDEVENT, CLOUDEVENTS, JSON, NDJSON

_EVENT = {
    "id": "call-1",
    "time": "2026-11-22T09:30:00Z",
    "call_id": "call-1",
    "rep_id": "rep-7",
    "team": "north",
    "direction": "out",
    "outcome": "connected",
    "duration_s": 184,
}
_CLOUDEVENT = {
    "specversion": "1.0",
    "type": "sales.call.v1",
    "source": "telephone-system",
    **{name: _EVENT[name] for name in ("id", "time")},
    "data": {name: value for name, value in _EVENT.items() if name not in {"id", "time"}},
}
_FLAT = {
    "type": "object",
    "required": ["id", "time"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "description": "Unique within its source: sent again, it counts once"},
        "source": {"type": "string", "description": "Who says so; by default the name of the caller's credential"},
        "time": {"oneOf": [{"type": "integer"}, {"type": "string", "format": "date-time"}]},
        "corrects": {"type": "string", "description": "The id of the event to replace. Not acted upon yet: both count"},
        "voids": {"type": "string", "description": "The id of the event to remove. Not acted upon yet: both count"},
    },
    "additionalProperties": True,
}
_STRUCTURED = {
    "type": "object",
    "required": ["specversion", "type", "id", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "description": "`<stream>.v1`"},
        "data": {"type": "object"},
    },
}


def stream_body() -> dict[str, Any]:
    """The body of events of one stream."""
    content = {
        JSON: {
            "schema": {"oneOf": [_FLAT, {"type": "array", "items": _FLAT}]},
            "examples": {"one": {"value": _EVENT}, "several": {"value": [_EVENT, {**_EVENT, "id": "call-2"}]}},
        },
        NDJSON: {"schema": {"type": "string", "description": "One event a line"}},
        CLOUDEVENT: {"schema": _STRUCTURED, "example": _CLOUDEVENT},
        CLOUDEVENTS: {"schema": {"type": "array", "items": _STRUCTURED}, "example": [_CLOUDEVENT]},
    }
    return {"requestBody": {"required": True, "content": content}}


def cloudevents_body() -> dict[str, Any]:
    """The body of CloudEvents in structured, batched or binary form."""
    content = {
        CLOUDEVENT: {"schema": _STRUCTURED, "example": _CLOUDEVENT},
        CLOUDEVENTS: {"schema": {"type": "array", "items": _STRUCTURED}, "example": [_CLOUDEVENT]},
        JSON: {
            "schema": {"type": "object", "description": "The data, where the attributes come as `ce-…` headers"},
            "example": _CLOUDEVENT["data"],
        },
    }
    return {"requestBody": {"required": True, "content": content}}
