"""CloudEvents 1.0 in structured form, as a flat event."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from schemas.streams import ENVELOPE, Stream
from schemas.topics import stream_topic

ATTRIBUTES = frozenset({"specversion", "type", "datacontenttype", "dataschema", "data", "data_base64"})
"""What a structured event holds beside the envelope of every event."""


def is_structured(value: Mapping[str, Any], stream: Stream) -> bool:
    """Whether a parsed object is a structured CloudEvent rather than a flat event of this stream."""
    return "specversion" in value and "specversion" not in stream.fields


def unwrap(value: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
    """The flat event in a structured CloudEvent; what `data` says of the envelope is left out.

    Raises ValueError(pointer, reason) where it is no CloudEvent of this stream.
    """
    if value["specversion"] != "1.0":
        raise ValueError("/specversion", 'not "1.0"')
    if value.get("type") != stream_topic(stream.stream):
        raise ValueError("/type", f"not {stream_topic(stream.stream)}, the type of this stream's events")
    data = _data(value)
    outer = {name: item for name, item in value.items() if name not in ATTRIBUTES and name not in stream.fields}
    return {**outer, **{name: item for name, item in data.items() if name not in ENVELOPE}}


def _data(value: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = value.get("datacontenttype")
    if kind is not None and not (isinstance(kind, str) and _is_json(kind)):
        raise ValueError("/datacontenttype", "not a JSON media type")
    data = value.get("data")
    pointer = "/data"
    if "data_base64" in value:
        pointer = "/data_base64"
        try:
            data = orjson.loads(base64.b64decode(value["data_base64"], validate=True))
        except (TypeError, ValueError, binascii.Error):
            raise ValueError(pointer, "not JSON in base64") from None
    if isinstance(data, dict):
        return data
    raise ValueError(pointer, "not an object with the stream's fields")


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence in {"application/json", "text/json"} or essence.endswith("+json")
