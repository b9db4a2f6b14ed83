"""The worked example of a KPI: its events are records that the KPI's streams take, and what it asks can be asked."""

from collections.abc import Iterator
from typing import Final

from kpi.serving import servings
from kpi.sources import owner_of
from schemas.examples import Example, stream_of
from schemas.kpis import Kpi
from schemas.records import ENVELOPE_FIELDS, Flaw, RecordValidator
from schemas.streams import Stream
from schemas.times import LATEST, parse_time
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place, value_at
from services.runtime.catalogue.mistakes import Mistake

_HERE: Final[Place] = ("example",)
_TOLD: Final = frozenset(ENVELOPE_FIELDS) - {"time"}
"""What an event may say of itself beside its fields; its time stands with its stream."""


def check_example(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the worked example of a KPI, if it has one."""
    example = kpi.example
    if example is None:
        return
    yield from _asked(document, kpi, example)
    read = _streams(kpi, known, set())
    rates = known.reporting.model.rates if known.reporting is not None and known.reporting.model is not None else None
    if read is not None and rates is not None:
        read |= {rates}
    if read is not None:
        for stream in example.given:
            yield from _given(document, stream, example, known, read)
    written = value_at(document.data, (*_HERE, "events"))
    # Of events that are left out as mistakes, the places of all after them are others.
    if isinstance(written, list) and len(written) == len(example.events):
        yield from _events(document, example, known, read)


def _asked(document: Document, kpi: Kpi, example: Example) -> Iterator[Mistake]:
    names = kpi.windows.names()
    if example.window not in names:
        yield document.unknown((*_HERE, "window"), "window", example.window, names)
    yield from check_zone(document, (*_HERE, "time_zone"), example.time_zone)
    for name in example.where:
        if name not in kpi.dimensions:
            yield document.unknown((*_HERE, "where", name), "dimension", name, kpi.dimensions, at_key=True)
    for name in example.also:
        if name not in document.names(("also",)):
            yield document.unknown((*_HERE, "also", name), "name of also", name, kpi.also, at_key=True)
    if example.clock is None and not servings(kpi) & {"rolling", "complete"}:
        message = "the KPI has values only for windows that run: say how far they have, such as clock: 2026-03-15 12:00"
        yield document.mistake(_HERE, message, at_key=True)


def _given(
    document: Document, stream: str, example: Example, known: Declarations, read: frozenset[str]
) -> Iterator[Mistake]:
    place: Place = (*_HERE, "given", stream)
    if stream not in read:
        yield document.unknown(place, "stream, of those that the KPI reads:", stream, read, at_key=True)
        return
    yield from _unknown_fields(document, place, stream, known)
    if not any(stream_of(event) == stream for event in example.events):
        yield document.mistake(place, f"no event here is of {stream}", at_key=True)


def _events(
    document: Document, example: Example, known: Declarations, read: frozenset[str] | None
) -> Iterator[Mistake]:
    validators: dict[str, RecordValidator] = {}
    for number, (stream, event) in enumerate(example.told()):
        place: Place = (*_HERE, "events", number)
        if read is not None and stream not in read:
            yield document.unknown((*place, stream), "stream, of those that the KPI reads:", stream, read, at_key=True)
            continue
        if example.clock is not None and parse_time(event["time"]) > parse_time(example.clock):
            yield document.mistake((*place, stream), f"the event happens after the clock ({example.clock})")
        declared = known.streams.get(stream)
        if declared is None or declared.model is None or not _is_whole(declared.document, declared.model):
            continue
        yield from _unknown_fields(document, place, stream, known)
        verdict = validators.setdefault(stream, RecordValidator(declared.model)).validate(event, LATEST)
        for mistake in verdict if isinstance(verdict, list) else ():
            name = mistake.pointer.removeprefix("/")
            # What a misspelt stream gives may be what is missing.
            if mistake.flaw is not Flaw.missing or read is None or example.given.keys() <= read:
                where, message = _of_field(document, stream, place, name, mistake.reason)
                yield document.mistake(where, message)


def _of_field(document: Document, stream: str, place: Place, name: str, reason: str) -> tuple[Place, str]:
    """(where, what) is wrong with a field of the event at `place`, or of what is given for all events of the stream."""
    given: Place = (*_HERE, "given", stream)
    for holder in (place, given):
        if name in document.names(holder):
            return (*holder, name), f"{name}: {reason}"
    return place, f"{name!r} of {stream} is missing: write it here, or for all events in given"


def _unknown_fields(document: Document, place: Place, stream: str, known: Declarations) -> Iterator[Mistake]:
    declared = known.streams.get(stream)
    if declared is None or declared.model is None:
        return
    fields = declared.document.names(("fields",))
    for name in document.names(place):
        if name == "time" and name not in fields:
            yield document.mistake((*place, name), "the time of an event stands with its stream; leave it out here")
        elif name not in _TOLD and name not in fields and name != stream:
            yield document.unknown((*place, name), f"field of {stream}", name, fields, at_key=True)


def _is_whole(document: Document, stream: Stream) -> bool:
    """Whether nothing of its fields was left out as a mistake."""
    return set(document.names(("fields",))) == stream.fields.keys()


def _streams(kpi: Kpi, known: Declarations, seen: set[str]) -> frozenset[str] | None:
    """The streams that the KPI reads, by the KPIs that it uses as well; None where that cannot be told."""
    seen.add(kpi.kpi)
    found: set[str] = set()
    for measure in kpi.measures.values():
        owner = owner_of(measure.from_)[0]
        if measure.from_ in known.streams:
            found.add(measure.from_)
        elif owner in known.streams:
            found.add(owner)
        elif (entity := known.entities.get(owner)) is not None and entity.model is not None:
            found |= entity.model.of.keys()
        else:
            return None
    for name in kpi.uses:
        used = known.kpis.get(name)
        if used is None or used.model is None:
            return None
        if name not in seen:
            further = _streams(used.model, known, seen)
            if further is None:
                return None
            found |= further
    return frozenset(found)
