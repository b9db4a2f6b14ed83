"""How streams close their days."""

from collections.abc import Iterator

from schemas.streams import FieldType, Stream
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import mistakes_in
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.scopes import record_scope


def check_closing(document: Document, stream: Stream, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the closing of a stream."""
    closing = stream.closing
    if closing is None:
        return
    place: Place = ("closing",)
    scope = record_scope(stream.stream, known.streams.get(stream.stream))
    yield from mistakes_in(document, (*place, "where"), closing.where, scope, "true or false")
    yield from _per(document, stream, closing.per)
    yield from _through(document, stream, closing.through)
    unknown = list(check_zone(document, (*place, "zone"), closing.zone))
    yield from unknown or _dated(document, stream, closing.zone)
    for number, name in enumerate(closing.of):
        if name in closing.of[:number]:
            yield document.mistake((*place, "of", number), f"{name!r} stands here twice")
    if not closing.of and stream.partitions > 1:
        message = f"on {stream.partitions} partitions nobody hears of all that close: name them with of, or declare 1"
        yield document.mistake(place, message)
    if stream.corrections is not None:
        message = "what is closed cannot be corrected: leave corrections out, and take an entry back by another one"
        yield document.mistake(("corrections",), message)


def _per(document: Document, stream: Stream, name: str) -> Iterator[Mistake]:
    place: Place = ("closing", "per")
    field = stream.fields.get(name)
    if field is None and name not in document.names(("fields",)):
        yield document.unknown(place, f"field of {stream.stream}", name, stream.fields)
    elif field is not None and (field.optional or field.default is not None):
        yield document.mistake(place, f"{name!r} may be absent, and then nobody closes: make it a required field")
    elif name != stream.key:
        yield document.mistake(place, f"all that one of them says must meet, so {name!r} has to be the stream's key")


def _through(document: Document, stream: Stream, name: str) -> Iterator[Mistake]:
    place: Place = ("closing", "through")
    field = stream.fields.get(name)
    if field is None and name not in document.names(("fields",)):
        dates = [each for each, one in stream.fields.items() if one.type is FieldType.date]
        yield document.unknown(place, f"field of {stream.stream}", name, dates)
    elif field is not None and field.type is not FieldType.date:
        yield document.mistake(place, f"{name!r} is {field.type.value}: a day is a date")
    elif field is not None and not any(stream.closes(part) for part in stream.contributions.values()):
        message = f"nothing is dated by it: declare a contribution with at: {{day: {name}}}"
        yield document.mistake(place, message)


def _dated(document: Document, stream: Stream, zone: str) -> Iterator[Mistake]:
    for name, part in stream.contributions.items():
        if not stream.closes(part):
            continue
        place: Place = ("contributions", name)
        if part.at is not None and part.at.zone != zone:
            message = f"its days are those of {part.at.zone}, but they are closed in {zone}: give both one zone"
            yield document.mistake((*place, "at", "zone"), message)
        if part.says_within:
            yield document.mistake((*place, "within"), "what is late is said by the closing; leave within out")
