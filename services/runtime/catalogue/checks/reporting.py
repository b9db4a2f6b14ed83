"""What holds for the whole catalogue."""

import re
from collections.abc import Iterator

from schemas.kpis import Reporting
from schemas.streams import FieldType, Stream
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake

_FIELDS = {"currency": FieldType.string, "date": FieldType.date, "rate": FieldType.int64}


def check_reporting(document: Document, reporting: Reporting, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the reporting zones and currency, and in where rates are looked for."""
    if not reporting.zones:
        yield document.mistake(("zones",), "name at least one time zone, such as [UTC]")
    for number, zone in enumerate(reporting.zones):
        yield from check_zone(document, ("zones", number), zone)
        if zone in reporting.zones[:number]:
            yield document.mistake(("zones", number), f"{zone!r} stands here twice")
    currency = reporting.currency
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        message = f"{currency!r} is no currency: write the three capitals of ISO 4217, such as EUR"
        yield document.mistake(("currency",), message)
    yield from _rates(document, reporting, known)


def _rates(document: Document, reporting: Reporting, known: Declarations) -> Iterator[Mistake]:
    place, name = ("rates",), reporting.rates
    if name is None:
        return
    if reporting.currency is None and "currency" not in document.names(()):
        yield document.mistake(place, "say which currency the rates are in, such as currency: EUR")
    if known.excused("stream", name):
        return
    declared = known.streams.get(name)
    if declared is None or declared.model is None:
        yield document.unknown(place, "stream", name, known.streams)
        return
    stream: Stream = declared.model
    for field, kind in _FIELDS.items():
        there = stream.fields.get(field)
        if there is None and field in declared.document.names(("fields",)):
            continue
        if there is None or there.type is not kind or there.optional or there.default is not None:
            message = f"{name} needs a required field {field!r} of type {kind.value}: {_WHAT[field]}"
            yield document.mistake(place, message)
    if stream.corrections is not None:
        message = f"{name} has corrections, but a rate is corrected by another one for the same day: leave them out"
        yield document.mistake(place, message)


_WHAT = {
    "currency": "the other currency",
    "date": "the UTC day that the rate is of",
    "rate": "10^-8 of the reporting currency for one whole unit of the other",
}
