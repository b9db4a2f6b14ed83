"""Events written by hand: `field=value` words or JSON."""

import asyncio
import math
from collections.abc import Mapping, Sequence

import orjson
from pydantic import JsonValue

from schemas.kpis import Catalogue
from schemas.streams import INTEGER_BITS, FieldType, Stream
from services.cli.failures import WRONG_USE, CommandFailed
from services.ingest.memory import NoRoom
from services.ingest.send import EventRefused, send
from services.runtime.settings import Settings

Event = dict[str, JsonValue]


def events(words: Sequence[str], stream: Stream) -> list[Event]:
    """The events that the words say: one of `field=value` words, or those of JSON (an object, an array).

    CommandFailed for words that say none.
    """
    text = " ".join(words).strip()
    return _parsed(text) if text[:1] in {"{", "["} else [_written(words, stream)]


def write(settings: Settings, declared: Catalogue, stream: str, event: Event, *, called: str) -> Mapping[str, object]:
    """The event as it was written to its stream. `called`: what mistakes call it that are of no field.

    CommandFailed where it is refused.
    """
    try:
        return asyncio.run(send(settings, declared, stream, event))
    except EventRefused as error:
        lines = (f"{mistake.pointer or called}: {mistake.reason}" for mistake in error.mistakes)
        raise CommandFailed("\n".join(lines)) from None
    except NoRoom as error:
        raise CommandFailed(str(error)) from None


def _parsed(text: str) -> list[Event]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise CommandFailed(f"not JSON: {error}", WRONG_USE) from None
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(event, dict) for event in found):
        raise CommandFailed("not an event: give a JSON object, or an array of objects", WRONG_USE)
    return found


def _written(words: Sequence[str], stream: Stream) -> Event:
    event: Event = {}
    for word in words:
        name, separator, text = word.partition("=")
        if not separator:
            example = next(iter(stream.fields), "field")
            raise CommandFailed(f"{word!r} is not field=value, such as {example}=…, and not JSON either", WRONG_USE)
        event[name] = _typed(name, text, stream)
    return event


def _typed(name: str, text: str, stream: Stream) -> JsonValue:
    """The value of the declared type where the text is one; else the text, for ingest to judge."""
    declared = stream.fields.get(name)
    kind = declared.type if declared else None
    if name == "time" or kind in INTEGER_BITS:
        return int(text) if text.lstrip("-").isdecimal() else text
    if kind is FieldType.boolean:
        return {"true": True, "false": False}.get(text, text)
    if kind is FieldType.decimal:
        return _number(text)
    return text


def _number(text: str) -> JsonValue:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text
