"""The states of an entity: their predicates, what they carry, and the names that they offer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from schemas.entities import Entity
from schemas.states import Predicate, State
from services.runtime.catalogue.checks.keys import kind_of
from services.runtime.catalogue.checks.lanes import check_lanes
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import mistakes_in
from services.runtime.catalogue.mistakes import Mistake, listed
from services.runtime.catalogue.scopes import (
    PARTS_OF_EPISODES,
    carried_as,
    carried_scope,
    fields_named,
    moments,
    record_scope,
    ways,
)

MOST_PREDICATES: Final = 60
"""Of one entity: which of them hold is kept as the bits of one integer."""


def check_states(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the states of an entity."""
    for name, state in entity.states.items():
        for place, predicate in state.conditions.items():
            yield from _predicate(document, ("states", name, *place), predicate, entity, known)
        yield from _fields(document, name, state, entity, known)
        yield from check_lanes(document, name, state, entity, known)
        yield from _after(document, name, state, entity)
        yield from _spans(document, name, state, entity)
    yield from _circles(document, entity)
    yield from _names(document, entity)
    # What a record says of `while` takes two: whether it says anything, and what.
    count = sum(len(state.conditions) + (state.while_ is not None) for state in entity.states.values())
    if count > MOST_PREDICATES:
        message = f"{count} predicates are more than an entity can have ({MOST_PREDICATES}): make two entities of it"
        yield document.mistake(("states",), message, at_key=True)


def _predicate(
    document: Document, place: Place, predicate: Predicate, entity: Entity, known: Declarations
) -> Iterator[Mistake]:
    if isinstance(predicate, dict):
        if not document.names(place):
            yield document.mistake(place, "name at least one stream with its condition")
        for name, sql in predicate.items():
            if name not in entity.of:
                if any(stream not in known.streams for stream in entity.of):
                    continue  # that one may be the one meant
                what = f"stream of {entity.entity}"
                yield document.unknown((*place, name), what, name, entity.of, at_key=True)
                continue
            records = record_scope(name, known.streams.get(name))
            yield from mistakes_in(document, (*place, name), sql, records, "true or false")
        return
    found = {
        name: list(
            mistakes_in(document, place, predicate, record_scope(name, known.streams.get(name)), "true or false")
        )
        for name in entity.of
    }
    right = [name for name, mistakes in found.items() if not mistakes]
    for name, mistakes in found.items():
        if not right:
            yield from mistakes
        for mistake in mistakes if right else ():
            hint = f"in {name}: {mistake.message}; write {right[0]}: before it if it is for that stream alone"
            yield replace(mistake, message=hint, suggestion=None)


def _fields(document: Document, name: str, state: State, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    fields = carried_scope(entity, known)
    read: dict[Place, str] = {("carrying", number): field for number, field in enumerate(state.carrying)}
    if isinstance(state.per, str):
        read["per",] = state.per
    for key, field in read.items():
        place: Place = ("states", name, *key)
        kinds = {stream: kind_of(one) for stream, one in fields_named(entity, field, known).items()}
        if not fields.knows(field):
            yield document.unknown(place, fields.what, field, fields.columns)
        elif key[0] == "carrying" and field in state.carrying[: int(key[1])]:
            yield document.mistake(place, f"{field!r} is carried already")
        elif len(set(kinds.values())) > 1:
            said = ", but ".join(f"{kind} in {stream}" for stream, kind in kinds.items())
            yield document.mistake(place, f"{field!r} is {said}: one column cannot hold both")


def _after(document: Document, name: str, state: State, entity: Entity) -> Iterator[Mistake]:
    deadlines = document.names(("deadlines",))
    if state.by is not None and state.by not in deadlines:
        yield document.unknown(("states", name, "by"), f"deadline of {entity.entity}", state.by, deadlines)
    if state.after is None:
        return
    place: Place = ("states", name, "after")
    if state.after not in document.names(("states",)):
        yield document.unknown(place, f"state of {entity.entity}", state.after, entity.states)
    elif state.after in entity.states and not entity.states[state.after].is_anchor:
        slots = listed(other for other, one in entity.states.items() if one.is_anchor and other != name)
        message = f"state {state.after!r} is not set at one moment: after goes with a state of first or set ({slots})"
        yield document.mistake(place, message)
    elif state.after in entity.states and entity.states[state.after].unless is not None:
        message = f"state {state.after!r} may be taken back: after goes with a state of first without unless, or set"
        yield document.mistake(place, message)
    elif state.after in entity.states and entity.states[state.after].for_all is not None:
        message = f"state {state.after!r} is of all lanes: after goes with a state of first without for_all, or set"
        yield document.mistake(place, message)


def _spans(document: Document, name: str, state: State, entity: Entity) -> Iterator[Mistake]:
    if state.within is not None and entity.forget_after < state.within:
        what = "can be cleared" if state.set is not None else "can change"
        message = f"forget_after is shorter than the time within which {name!r} {what}: make it as long"
        yield document.mistake(("forget_after",), message)
    if state.lasting is not None and entity.forget_after < state.lasting:
        message = f"forget_after is shorter than {name!r} lasts: make it as long"
        yield document.mistake(("forget_after",), message)


def _circles(document: Document, entity: Entity) -> Iterator[Mistake]:
    for name, state in entity.states.items():
        path = [name]
        after = state.after
        while after is not None and after in entity.states and after not in path:
            path.append(after)
            after = entity.states[after].after
        if after == name and name == min(path):
            yield document.mistake(("states", name, "after"), f"after goes in a circle: {' → '.join((*path, name))}")


def _names(document: Document, entity: Entity) -> Iterator[Mistake]:
    """States and deadlines that offer a name which another one offers, or one state that offers it twice."""
    owners: dict[str, str] = {}
    for name, state in entity.states.items():
        own = {offered for way in ways(state) for offered in moments(name, state, way)}
        carried: dict[str, str] = {}
        for offered, field in (item for way in ways(state) for item in carried_as(name, state, way).items()):
            if offered in own or carried.setdefault(offered, field) != field:
                place: Place = ("states", name, "carrying", state.carrying.index(field))
                yield document.mistake(place, f"the state {name!r} offers {offered!r} already; carry another field")
        for offered in sorted(own | carried.keys()):
            if owners.setdefault(offered, name) != name:
                message = f"{offered!r} is offered by the states {owners[offered]!r} and {name!r}; rename one of them"
                yield document.mistake(("states", name), message)
        for what in state.counting:
            if what in {*PARTS_OF_EPISODES, "time", "followed"}:
                place = ("states", name, "counting", what)
                message = f"the state {name!r} offers '{name}_{what}' already; count under another name"
                yield document.mistake(place, message, at_key=True)
    for name in entity.deadlines:
        if name in owners:
            yield document.mistake(("deadlines", name), f"the state {owners[name]!r} offers {name!r} already")
