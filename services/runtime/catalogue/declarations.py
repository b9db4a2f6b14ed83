"""All declarations by kind and name, and which of the shipped ones are wanted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from kpi.sources import owner_of
from schemas.calendars import Calendar
from schemas.declarations import Declaration
from schemas.entities import Entity, NamedTarget
from schemas.kpis import Kpi, Reporting
from schemas.lookups import Lookup
from schemas.objectives import Objective
from schemas.recorded import OF_KPIS
from schemas.streams import Stream
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake

M_co = TypeVar("M_co", bound=Declaration, covariant=True)


@dataclass(frozen=True, slots=True)
class Declared(Generic[M_co]):
    """A document and what is left of it as a model; None where nothing can be used."""

    document: Document
    model: M_co | None


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a catalogue declares. `unread`: (kind, name) of documents that cannot be read.

    `calendars`: of each all that is declared under its name. `links`: names of KPIs that `feeds`, `drives`, `counters`
    and objectives may give although they are not loaded.
    """

    streams: Mapping[str, Declared[Stream]]
    entities: Mapping[str, Declared[Entity]]
    targets: Mapping[str, Declared[NamedTarget]]
    calendars: Mapping[str, tuple[Declared[Calendar], ...]]
    kpis: Mapping[str, Declared[Kpi]]
    lookups: Mapping[str, Declared[Lookup]]
    objectives: Mapping[str, Declared[Objective]]
    reporting: Declared[Reporting] | None
    unread: frozenset[tuple[str, str]]
    links: frozenset[str]

    def excused(self, kind: str, name: str) -> bool:
        """Whether the declaration exists but cannot be used, so that nothing is to be said about who names it."""
        if kind == "calendar":
            return (kind, name) in self.unread or any(one.model is None for one in self.calendars.get(name, ()))
        known: Mapping[str, Declared[Declaration]] = {
            "stream": self.streams, "entity": self.entities, "target": self.targets, "kpi": self.kpis,
            "lookup": self.lookups, "objective": self.objectives,
        }[kind]  # fmt: skip
        return (kind, name) in self.unread or (name in known and known[name].model is None)


def declarations(
    all_declared: Iterable[Declared[Declaration]], unread: frozenset[tuple[str, str]], links: frozenset[str]
) -> tuple[Declarations, list[Mistake]]:
    """The declarations in order, and the mistakes of declaring a thing twice; the first one counts."""
    found: dict[tuple[str, str], Declared[Declaration]] = {}
    dated: dict[tuple[str, str], Declared[Declaration]] = {}
    mistakes = []
    for declared in all_declared:
        document = declared.document
        # Whatever it is called, it holds for all.
        once = document.kind == "reporting"
        if document.kind == "calendar":
            first = dated.setdefault((document.name, str(document.data.get("valid_from") or "")), declared)
        else:
            first = found.setdefault((document.kind, "" if once else document.name), declared)
        if first is not declared:
            what = document.kind if once else f"{document.kind} {document.name!r}"
            place = f"{first.document.file}:{first.document.line()}"
            when = " for the same valid_from" if document.kind == "calendar" else ""
            mistakes.append(document.mistake((), f"{what} is declared twice{when}, first in {place}"))
    known = Declarations(
        streams=_models(found, "stream", Stream),
        entities=_models(found, "entity", Entity),
        targets=_models(found, "target", NamedTarget),
        calendars=_calendars(dated),
        kpis=_models(found, "kpi", Kpi),
        lookups=_models(found, "lookup", Lookup),
        objectives=_models(found, "objective", Objective),
        reporting=_models(found, "reporting", Reporting).get(""),
        unread=unread,
        links=links,
    )
    return known, mistakes


def _models(
    found: Mapping[tuple[str, str], Declared[Declaration]], kind: str, model: type[M_co]
) -> dict[str, Declared[M_co]]:
    return {
        name: Declared(one.document, one.model if isinstance(one.model, model) else None)
        for (of_kind, name), one in found.items()
        if of_kind == kind
    }


def _calendars(dated: Mapping[tuple[str, str], Declared[Declaration]]) -> dict[str, tuple[Declared[Calendar], ...]]:
    """What is declared of each calendar, by the day from which on it counts; one that always does comes first."""
    found: dict[str, tuple[Declared[Calendar], ...]] = {}
    for name, valid_from in sorted(dated):
        one = dated[name, valid_from]
        model = one.model if isinstance(one.model, Calendar) else None
        found[name] = (*found.get(name, ()), Declared(one.document, model))
    return found


def wanted(
    own: Iterable[Declared[Declaration]], shipped: Iterable[Declared[Declaration]], packs: Iterable[str]
) -> list[Declared[Declaration]]:
    """The shipped KPIs of the departments `packs`, and what any of the shipped declarations and the user's own are made
    of: shipped streams, entities, targets, calendars, and KPIs of other departments.

    Where only the user's declarations name a thing, the user's own of that name goes before the shipped one.
    """
    chosen_packs = set(packs)
    mine = list(own)
    names = {(one.document.kind, one.document.name) for one in mine}
    offered = {(one.document.kind, one.document.name): one for one in shipped}
    kpis = [one for one in offered.values() if isinstance(one.model, Kpi) and one.model.department in chosen_packs]
    # What people record is recorded of any KPI, and objectives go across departments: one has a tree of one's own, or
    # the shipped one.
    own_tree = any(kind == "objective" for kind, _ in names)
    always = [one for name, one in offered.items() if name not in names and _is_of_all(one.model, own_tree=own_tree)]
    chosen = {(one.document.kind, one.document.name): one for one in (*kpis, *always)}
    queue = [*((one, frozenset[tuple[str, str]]()) for one in kpis), *((one, frozenset(names)) for one in mine)]
    while queue:
        declared, covered = queue.pop()
        for name in _references(declared.model):
            if name in offered and name not in covered and name not in chosen:
                chosen[name] = offered[name]
                queue.append((offered[name], frozenset()))
    return [one for name, one in offered.items() if name in chosen]


def for_records(
    own: Iterable[Declared[Declaration]], shipped: Iterable[Declared[Declaration]]
) -> list[Declared[Declaration]]:
    """The shipped streams of what people record, where the user's own KPIs have values that are."""
    mine = list(own)
    if not any(isinstance(one.model, Kpi) and one.model.recorded for one in mine):
        return []
    names = {one.document.name for one in mine if one.document.kind == "stream"}
    return [one for one in shipped if _is_of_records(one.model) and one.document.name not in names]


def _is_of_all(model: Declaration | None, *, own_tree: bool) -> bool:
    return (isinstance(model, Objective) and not own_tree) or _is_of_records(model)


def _is_of_records(model: Declaration | None) -> bool:
    return isinstance(model, Stream) and model.recorded and model.stream.startswith(OF_KPIS)


def _references(model: Declaration | None) -> Iterator[tuple[str, str]]:
    if isinstance(model, Kpi):
        for measure in model.measures.values():
            yield "stream", measure.from_
            owner = owner_of(measure.from_)[0]
            yield from (("stream", owner), ("entity", owner))
        yield from (("kpi", name) for name in model.uses)
    elif isinstance(model, Entity):
        yield from (("stream", name) for name in model.of)
        yield from (("target", one.target) for one in model.deadlines.values() if one.target is not None)
        yield from (("calendar", name) for name in model.calendars)
    elif isinstance(model, Reporting):
        yield from (("stream", name) for name in (model.rates,) if name is not None)
    elif isinstance(model, Stream):
        yield from (("lookup", one.in_) for one in model.attributes.values() if one.in_ is not None)
