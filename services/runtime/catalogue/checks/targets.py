"""Targets: those of KPIs, and the named ones that decide deadlines."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.entities import Entity, NamedTarget, TargetValue
from schemas.kpis import Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import Scope
from services.runtime.catalogue.mistakes import Mistake, listed, nearest
from services.runtime.catalogue.scopes import carried_scope

SECONDS = "seconds"


def check_named_target(document: Document, target: NamedTarget, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in a named target, also against the entities that take their deadlines from it."""
    if target.unit != SECONDS:
        yield document.mistake(("unit",), f"a target that decides deadlines is in seconds, not in {target.unit!r}")
    for number, value in enumerate(target.values):
        if value.value is None or value.value <= 0:
            message = "a deadline needs one positive value in seconds, not a range"
            yield document.mistake(("values", number), message)
        if value.window is not None:
            yield document.mistake(("values", number, "window"), "a deadline has no window; leave it out")
    yield from check_values(document, ("values",), target.values)
    for entity in known.entities.values():
        if entity.model is None:
            continue
        for deadline in entity.model.deadlines.values():
            if deadline.target == target.target and deadline.after in entity.model.states:
                yield from _carried(document, target, entity.model, deadline.after, carried_scope(entity.model, known))


def _carried(document: Document, target: NamedTarget, entity: Entity, after: str, records: Scope) -> Iterator[Mistake]:
    carrying = entity.states[after].carrying
    what = f"field carried by {entity.entity}'s state {after!r}:"
    for number, value in enumerate(target.values):
        for name, wanted in value.where.items():
            place: Place = ("values", number, "where", name)
            if name not in carrying:
                yield document.unknown(place, what, name, carrying, at_key=True)
            elif name in records.values:
                yield from check_member(document, place, name, wanted, records.values[name])


def check_values(document: Document, place: Place, values: Sequence[TargetValue]) -> Iterator[Mistake]:
    """Mistakes in dated values by themselves."""
    seen = set()
    for number, value in enumerate(values):
        here = (*place, number)
        if value.min is not None and value.max is not None and value.min > value.max:
            yield document.mistake((*here, "min"), f"min {value.min:g} is above max {value.max:g}")
        if value.review is not None and value.review <= value.from_:
            yield document.mistake((*here, "review"), f"to be reviewed on {value.review}, before it holds")
        identity = (value.from_, value.window, tuple(sorted(value.where.items())))
        if identity in seen:
            yield document.mistake(here, f"there is another value for the same from ({value.from_}), where and window")
        seen.add(identity)


def check_member(document: Document, place: Place, name: str, wanted: str, values: Sequence[str]) -> Iterator[Mistake]:
    """The mistake of a value that an enumeration does not have."""
    if wanted not in values:
        message = f"{name} is never {wanted!r}: it is {listed(values)}"
        yield document.mistake(place, message, nearest(wanted, values))


def check_kpi_targets(document: Document, kpi: Kpi, known: Mapping[str, Sequence[str]]) -> Iterator[Mistake]:
    """Mistakes in a KPI's targets. `known`: the values of dimensions that are enumerations."""
    yield from check_values(document, ("targets",), kpi.targets)
    windows = dict.fromkeys(kpi.windows.names())
    for number, value in enumerate(kpi.targets):
        if value.window is not None and value.window not in windows:
            yield document.unknown(("targets", number, "window"), "window", value.window, windows)
        for name, wanted in value.where.items():
            place: Place = ("targets", number, "where", name)
            if name not in kpi.dimensions:
                yield document.unknown(place, "dimension", name, kpi.dimensions, at_key=True)
            elif name in known:
                yield from check_member(document, place, name, wanted, known[name])
