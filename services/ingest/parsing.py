"""The events in a body, by its media type, each as one parsed JSON value; or what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import Headers

from schemas.records import Flaw, Mistake, parse
from services.runtime.problems import Problem

JSON = "application/json"
NDJSON = "application/x-ndjson"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
ONE_PER_LINE = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines"})
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})
_ATTRIBUTE = "ce-"


@dataclass(frozen=True, slots=True)
class Given:
    """One event of a request: a JSON value, or the mistake that it is none. `pointer` is where it stands in the
    body.
    """

    value: object
    pointer: str


def media_type(headers: Headers, accepted: tuple[str, ...]) -> str:
    """The body's media type without parameters. Raises a 415 Problem where it is none of `accepted`."""
    essence, _, parameters = headers.get("content-type", "").partition(";")
    found = essence.strip().lower()
    found = NDJSON if found in ONE_PER_LINE else found
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "').lower()
    if found in accepted and charset in CHARSETS:
        return found
    said = f"Content-Type {essence.strip() or '(none)'}{f' in {charset}' if charset not in CHARSETS else ''}"
    raise Problem(
        status=415,
        name="unsupported-media-type",
        title="The body's media type is not known here",
        detail=f"{said} is not understood: send {', '.join(accepted)}, in UTF-8.",
        headers={"Accept": ", ".join(accepted)},
    )


def events_of(body: bytes, kind: str) -> Iterator[Given]:
    """The events of a body of this media type, in order. An array that is no JSON is one mistake, a line by itself."""
    if kind == NDJSON:
        for line in body.split(b"\n"):
            if line.strip():
                yield Given(parse(line), "")
        return
    value = parse(body)
    if isinstance(value, list) and kind != CLOUDEVENT:
        for index, item in enumerate(value):
            yield Given(item, f"/{index}")
    elif kind == CLOUDEVENTS and not isinstance(value, Mistake):
        yield Given(Mistake("", "a batch is one JSON array of events", Flaw.wrong_type), "")
    else:
        yield Given(value, "")


def binary_event(headers: Headers, body: bytes) -> Given:
    """The CloudEvent whose attributes are the headers `ce-…` and whose data is the body, in structured form."""
    attributes = {
        name.removeprefix(_ATTRIBUTE): unquote(value) for name, value in headers.items() if name.startswith(_ATTRIBUTE)
    }
    data = parse(body)
    if isinstance(data, Mistake):
        return Given(data, "")
    time = attributes.get("time", "")
    # A header has no numbers: milliseconds come as digits.
    moment = int(time) if time.lstrip("-").isdecimal() and time.isascii() and len(time) < 20 else time
    return Given({**attributes, **({"time": moment} if time else {}), "data": data}, "")


def is_binary(headers: Headers) -> bool:
    """Whether the request is a CloudEvent in binary form."""
    return "ce-specversion" in headers


def stream_type(value: object) -> str | None:
    """The CloudEvents type of a parsed event, where it has one."""
    found = value.get("type") if isinstance(value, dict) and "specversion" in value else None
    return found if isinstance(found, str) else None
