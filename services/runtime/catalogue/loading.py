"""From folders of declarations to a catalogue, or to everything that is wrong with them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from schemas.calendars import Calendar
from schemas.declarations import Declaration
from schemas.entities import Entity, NamedTarget
from schemas.kpis import Catalogue, Kpi, Reporting
from schemas.streams import Stream
from services.runtime.catalogue.checks.calendars import check_calendar
from services.runtime.catalogue.checks.closings import check_closing
from services.runtime.catalogue.checks.entities import check_entity
from services.runtime.catalogue.checks.kpis import check_circles, check_kpi
from services.runtime.catalogue.checks.objectives import check_objectives
from services.runtime.catalogue.checks.parts import check_parts
from services.runtime.catalogue.checks.reporting import check_reporting
from services.runtime.catalogue.checks.streams import check_stream
from services.runtime.catalogue.checks.targets import check_named_target
from services.runtime.catalogue.declarations import Declarations, Declared, declarations, for_records, wanted
from services.runtime.catalogue.fates import check_fates, spelled_out
from services.runtime.catalogue.files import files_of
from services.runtime.catalogue.lookups import with_lookups
from services.runtime.catalogue.mistakes import CatalogueErrors, Mistake, listed, nearest
from services.runtime.catalogue.reading import read
from services.runtime.catalogue.recorded import with_recorded
from services.runtime.catalogue.shipped import PACKS, shipped_files
from services.runtime.catalogue.sources import sources
from services.runtime.catalogue.validation import validated


def load(directories: Sequence[Path], *, packs: Sequence[str] | None = None, default: bool = True) -> Catalogue:
    """The catalogue of the shipped declarations and those in `directories` (`.yaml` and `.yml` files, at any depth).

    `packs`: the shipped departments to load, by default all; `default=False` leaves everything shipped out.
    Raises `CatalogueErrors` with every mistake.
    """
    chosen = PACKS if packs is None else tuple(packs)
    own = _Batch()
    for directory in directories:
        own.take(_files(directory, own.mistakes))
    shipped = _Batch()
    shipped.take(shipped_files())
    for pack in chosen:
        if pack not in PACKS:
            own.mistakes.append(
                Mistake("packs", 0, f"unknown pack {pack!r}; known are {listed(PACKS, 'and')}", nearest(pack, PACKS))
            )
    used = wanted(own.declared, shipped.declared, chosen) if default else for_records(own.declared, shipped.declared)
    links = frozenset(one.document.name for one in shipped.declared if one.document.kind == "kpi")
    known, repeated = declarations([*used, *own.declared], frozenset(own.unread), links)
    known, tables = with_lookups(known)
    known = with_recorded(known)
    mistakes = [*own.mistakes, *shipped.mistakes, *repeated, *tables]
    said = {(mistake.file, mistake.line) for mistake in mistakes}
    # What stands in the line of a mistake may only look wrong because the mistake was left out.
    mistakes += [mistake for mistake in _checked(known) if (mistake.file, mistake.line) not in said]
    if mistakes:
        raise CatalogueErrors(mistakes)
    return _catalogue(known)


class _Batch:
    """Files as they were read: declarations, mistakes, and what cannot be read."""

    def __init__(self) -> None:
        self.declared: list[Declared[Declaration]] = []
        self.mistakes: list[Mistake] = []
        self.unread: set[tuple[str, str]] = set()

    def take(self, files: Iterable[tuple[str, bytes]]) -> None:
        for file, raw in files:
            reading = read(file, raw)
            self.mistakes += reading.mistakes
            self.unread |= reading.broken
            for document in reading.documents:
                model, mistakes = validated(document)
                self.mistakes += mistakes
                self.declared.append(Declared(document, model))


def _files(directory: Path, mistakes: list[Mistake]) -> Iterator[tuple[str, bytes]]:
    if not directory.is_dir():
        mistakes.append(Mistake(str(directory), 0, "there is no such folder"))
        return
    found = files_of(directory)
    if not found:
        mistakes.append(Mistake(str(directory), 0, "no declarations in this folder: they stand in files *.yaml"))
    for path in found:
        try:
            yield str(path), path.read_bytes()
        except OSError as error:
            mistakes.append(Mistake(str(path), 0, f"cannot be read: {error.strerror}"))


def _checked_sources(known: Declarations) -> Iterator[Mistake]:
    """Mistakes in what KPIs are made of."""
    for stream in known.streams.values():
        if stream.model is not None:
            yield from check_stream(stream.document, stream.model)
            yield from check_parts(stream.document, stream.model, known)
            yield from check_closing(stream.document, stream.model, known)
    for calendar in chain.from_iterable(known.calendars.values()):
        if calendar.model is not None:
            yield from check_calendar(calendar.document, calendar.model)
    for entity in known.entities.values():
        if entity.model is not None:
            yield from check_entity(entity.document, entity.model, known)
    for target in known.targets.values():
        if target.model is not None:
            yield from check_named_target(target.document, target.model, known)


def _checked(known: Declarations) -> Iterator[Mistake]:
    yield from _checked_sources(known)
    offered = sources(known)
    for kpi in known.kpis.values():
        if kpi.model is not None:
            yield from check_kpi(kpi.document, kpi.model, known, offered)
            yield from check_fates(kpi.document, kpi.model)
    yield from check_circles(known)
    yield from check_objectives(known)
    if known.reporting is not None and known.reporting.model is not None:
        yield from check_reporting(known.reporting.document, known.reporting.model, known)


def _catalogue(known: Declarations) -> Catalogue:
    """The checked declarations, which all have models."""
    streams: dict[str, Stream] = {name: one.model for name, one in known.streams.items() if one.model is not None}
    entities: dict[str, Entity] = {name: one.model for name, one in known.entities.items() if one.model is not None}
    targets: dict[str, NamedTarget] = {name: one.model for name, one in known.targets.items() if one.model is not None}
    calendars: dict[str, tuple[Calendar, ...]] = {
        name: tuple(one.model for one in versions if one.model is not None)
        for name, versions in known.calendars.items()
    }
    kpis: dict[str, Kpi] = {
        name: spelled_out(one.model, streams) for name, one in known.kpis.items() if one.model is not None
    }
    reporting = known.reporting.model if known.reporting is not None else None
    return Catalogue(
        streams=streams,
        entities=entities,
        targets=targets,
        calendars=calendars,
        kpis=kpis,
        objectives={name: one.model for name, one in known.objectives.items() if one.model is not None},
        reporting=reporting or Reporting(),
    )
