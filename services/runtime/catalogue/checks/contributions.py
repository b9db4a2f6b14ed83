"""What entities contribute, and the state that each contribution is of."""

from collections.abc import Iterator
from typing import Final

from kpi.entities.body import expressions_of, offered
from schemas.entities import Entity
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import mistakes_in, parsed
from services.runtime.catalogue.mistakes import Mistake, listed
from services.runtime.catalogue.scopes import Way, carried_scope, contribution_scope, way_of, ways

_KINDS: Final[dict[Way, str]] = {
    "level": "`level` is of a state that is held (enter, latest or while)",
    "each": "`each` is of a state with enter, opens, stages or while (without each), or by lane",
    "closing": "`closing` is of a state with opens",
}


def check_contributions(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the contributions of an entity."""
    for name in entity.contributions:
        mistakes = list(_state(document, name, entity))
        yield from mistakes or _expressions(document, name, entity, known)
        if f"{entity.entity}.{name}" in known.streams:
            message = f"{entity.entity}.{name} is the name of a stream, too; rename the contribution"
            yield document.mistake(("contributions", name), message)


def _state(document: Document, name: str, entity: Entity) -> Iterator[Mistake]:
    way, state = way_of(entity.contributions[name])
    if state is None:
        return
    place: Place = ("contributions", name, way)
    fitting = [other for other, one in entity.states.items() if way in ways(one)]
    if state not in document.names(("states",)):
        what = "level" if way == "level" else "state"
        yield document.unknown(place, f"{what} of {entity.entity}", state, fitting or entity.states)
    elif state in entity.states and state not in fitting:
        message = f"{_KINDS[way]}, and {state!r} is none; {entity.entity} has {listed(fitting)}"
        yield document.mistake(place, message)


def _dropped(document: Document, name: str, entity: Entity) -> Iterator[Mistake]:
    """Until its end it is not known whether an episode has a result; its beginning may be final long before."""
    contribution = entity.contributions[name]
    state = contribution.each or ""
    if state not in entity.states or entity.states[state].drop is None:
        return
    dated_by = parsed(contribution.at or "")
    named = [] if isinstance(dated_by, str) else dated_by.meta.root_names()
    if named and (f"{state}_ended" not in named or f"{state}_started" in named):
        message = f"an episode of {state!r} may be dropped until its end: date it by {state}_ended"
        yield document.mistake(("contributions", name, "at"), message)


def _before_deadlines(document: Document, name: str, entity: Entity) -> Iterator[Mistake]:
    """What comes last until a deadline is known by then, and not at any moment before."""
    contribution = entity.contributions[name]
    read: set[str] = set()
    for sql in expressions_of(contribution):
        expression = parsed(sql)
        read |= set() if isinstance(expression, str) else set(expression.meta.root_names())
    read |= entity.with_moments(read)
    for state, one in entity.states.items():
        if one.by in entity.deadlines and read & offered(state, one) and (contribution.at or "").strip() != one.by:
            message = f"the state {state!r} may change until {one.by!r}: write at: {one.by}"
            yield document.mistake(("contributions", name, "at"), message)


def _expressions(document: Document, name: str, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    contribution = entity.contributions[name]
    place: Place = ("contributions", name)
    scope = contribution_scope(document, entity, contribution, carried_scope(entity, known))
    if contribution.at is not None:
        yield from _dropped(document, name, entity)
        yield from _before_deadlines(document, name, entity)
        yield from mistakes_in(document, (*place, "at"), contribution.at, scope, "a whole number")
    for bound, sql in (("from", contribution.from_), ("until", contribution.until)):
        if sql is not None:
            yield from mistakes_in(document, (*place, bound), sql, scope, "a whole number")
    yield from mistakes_in(document, (*place, "value"), contribution.value, scope, "a whole number")
    if contribution.where is not None:
        yield from mistakes_in(document, (*place, "where"), contribution.where, scope, "true or false")
    if contribution.currency is not None:
        yield from mistakes_in(document, (*place, "currency"), contribution.currency, scope, "text")
    for dimension, sql in contribution.dimensions.items():
        if dimension == "value":
            message = "'value' is what the contribution adds; name the dimension otherwise"
            yield document.mistake((*place, "dimensions", dimension), message, at_key=True)
        yield from mistakes_in(document, (*place, "dimensions", dimension), sql, scope, "anything")
