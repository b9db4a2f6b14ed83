"""What streams declare beside their events themselves: dates, spreads, dimensions."""

from collections.abc import Iterator

from schemas.parts import PartDimension, StreamPart
from schemas.streams import FieldType, Stream
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import Scope, mistakes_in
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.scopes import record_scope


def check_parts(document: Document, stream: Stream, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the contributions of a stream."""
    scope = record_scope(stream.stream, known.streams.get(stream.stream))
    for name, part in stream.contributions.items():
        place: Place = ("contributions", name)
        yield from _dates(document, place, stream, part, scope)
        yield from mistakes_in(document, (*place, "value"), part.value, scope, "a whole number")
        if part.where is not None:
            yield from mistakes_in(document, (*place, "where"), part.where, scope, "true or false")
        if part.currency is not None:
            yield from mistakes_in(document, (*place, "currency"), part.currency, scope, "text")
        for dimension, declared in part.dimensions.items():
            yield from _dimension(document, (*place, "dimensions", dimension), declared, stream, scope)
        if f"{stream.stream}.{name}" in known.streams:
            message = f"{stream.stream}.{name} is the name of a stream, too; rename the contribution"
            yield document.mistake(place, message, at_key=True)


def _dates(document: Document, place: Place, stream: Stream, part: StreamPart, scope: Scope) -> Iterator[Mistake]:
    if part.at is not None and part.at.sql is not None:
        yield from mistakes_in(document, (*place, "at"), part.at.sql, scope, "a whole number")
    if part.at is not None and part.at.day is not None:
        yield from _day(document, (*place, "at", "day"), part.at.day, stream, scope)
        yield from _zone(document, (*place, "at", "zone"), part.at.zone, stream)
    if part.spread is not None:
        for key, name in (("from", part.spread.from_), ("to", part.spread.to), ("month", part.spread.month)):
            if name is not None:
                yield from _day(document, (*place, "spread", key), name, stream, scope)
        yield from _zone(document, (*place, "spread", "zone"), part.spread.zone, stream)


def _day(document: Document, place: Place, name: str, stream: Stream, scope: Scope) -> Iterator[Mistake]:
    field = stream.fields.get(name)
    if field is not None and field.type is not FieldType.date:
        yield document.mistake(place, f"{name!r} is {field.type.value}: a day is a date")
    elif field is None and name not in document.names(("fields",)):
        dates = [each for each, one in stream.fields.items() if one.type is FieldType.date]
        yield document.unknown(place, scope.what, name, dates)


def _zone(document: Document, place: Place, zone: str, stream: Stream) -> Iterator[Mistake]:
    field = stream.columns.get(zone)
    if field is None and zone not in document.names(("fields",)):
        yield from check_zone(document, place, zone)
    elif field is not None and field.type not in (FieldType.string, FieldType.enum):
        yield document.mistake(place, f"{zone!r} is {field.type.value}: a zone is text")


def _dimension(
    document: Document, place: Place, declared: PartDimension, stream: Stream, scope: Scope
) -> Iterator[Mistake]:
    if place[-1] == "value":
        message = "'value' is what the contribution adds; name the dimension otherwise"
        yield document.mistake(place, message, at_key=True)
    if declared.of is not None:
        maps = [name for name, one in stream.fields.items() if one.type is FieldType.map]
        if declared.of not in maps:
            yield document.unknown((*place, "of"), "map", declared.of, maps)
        return
    if declared.sql is not None:
        yield from mistakes_in(document, place, declared.sql, scope, "anything")
        return
    clocks = {"hour_of_week": declared.hour_of_week, "hour_of_day": declared.hour_of_day}
    kind = next((name for name, sql in clocks.items() if sql is not None), "day_of_week")
    yield from mistakes_in(document, (*place, kind), declared.moment or "", scope, "a whole number")
    yield from check_zone(document, (*place, "zone"), declared.zone)
