"""Entities: their states, deadlines and contributions."""

from collections.abc import Iterator

from schemas.entities import Contribution, Entity, State
from services.runtime.catalogue.declarations import Declarations, Declared
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import Scope, mistakes_in
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.sources import state_scope, stream_of


def check_entity(declared: Declared[Entity], entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in an entity."""
    document = declared.document
    yield from _stream(document, entity, known)
    records = stream_of(entity, known)
    names: dict[str, str] = {}
    for name, state in entity.states.items():
        yield from _state(document, name, state, entity, records)
        for offered in (f"{name}_time", *(f"{name}_{carried}" for carried in state.carrying)):
            if names.setdefault(offered, name) != name:
                message = f"{offered!r} is offered by the states {names[offered]!r} and {name!r}; rename one of them"
                yield document.mistake(("states", name), message)
    yield from _after_circles(document, entity)
    for name in entity.deadlines:
        if name in names:
            yield document.mistake(("deadlines", name), f"the state {names[name]!r} offers {name!r} already")
    yield from _deadlines(document, entity, known)
    for name, contribution in entity.contributions.items():
        yield from _contribution(declared, name, contribution, entity, records)
        if f"{entity.entity}.{name}" in known.streams:
            message = f"{entity.entity}.{name} is the name of a stream, too; rename the contribution"
            yield document.mistake(("contributions", name), message)


def _stream(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    name, key = next(iter(entity.of.items()))
    place: Place = ("of", name)
    stream = known.streams.get(name)
    if stream is None or stream.model is None:
        if not known.excused("stream", name):
            yield document.unknown(place, "stream", name, known.streams, at_key=True)
        return
    if stream.model.key is None and "key" not in stream.document.data:
        yield document.mistake(place, f"stream {name} declares no key; give it `key: {key}`")
    elif stream.model.key is not None and key != stream.model.key:
        message = f"an entity is folded by its stream's key, and {key!r} is not the key of {name}"
        yield document.mistake(place, message, stream.model.key)
    for other in known.entities.values():
        if other.document is document:
            return
        if other.model is not None and name in other.model.of:
            where = f"{other.document.file}:{other.document.line()}"
            message = f"stream {name} is read by the entity {other.document.name!r} ({where}); add the states there"
            yield document.mistake(place, message)


def _state(document: Document, name: str, state: State, entity: Entity, records: Scope) -> Iterator[Mistake]:
    place: Place = ("states", name)
    for key in ("first", "set", "clear", "enter", "leave"):
        sql = getattr(state, key)
        if sql is not None:
            yield from mistakes_in(document, (*place, key), sql, records, "true or false")
    for number, carried in enumerate(state.carrying):
        if not records.knows(carried):
            yield document.unknown((*place, "carrying", number), records.what, carried, records.columns)
        elif carried in state.carrying[:number]:
            yield document.mistake((*place, "carrying", number), f"{carried!r} is carried already")
    if state.after is not None and state.after not in document.names(("states",)):
        yield document.unknown((*place, "after"), f"state of {entity.entity}", state.after, entity.states)
    if state.within is not None and entity.forget_after < state.within:
        message = f"forget_after is shorter than the time within which {name!r} can be cleared: make it as long"
        yield document.mistake(("forget_after",), message)


def _after_circles(document: Document, entity: Entity) -> Iterator[Mistake]:
    for name, state in entity.states.items():
        path = [name]
        after = state.after
        while after is not None and after in entity.states and after not in path:
            path.append(after)
            after = entity.states[after].after
        if after == name and name == min(path):
            yield document.mistake(("states", name, "after"), f"after goes in a circle: {' → '.join((*path, name))}")


def _deadlines(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    for name, deadline in entity.deadlines.items():
        place: Place = ("deadlines", name)
        if deadline.after not in document.names(("states",)):
            yield document.unknown((*place, "after"), f"state of {entity.entity}", deadline.after, entity.states)
        target = known.targets.get(deadline.target)
        if target is None or target.model is None:
            if not known.excused("target", deadline.target):
                yield document.unknown((*place, "target"), "target", deadline.target, known.targets)
            continue
        longest = max((value.value or 0 for value in target.model.values), default=0)
        if longest * 1000 > entity.forget_after:
            message = f"forget_after is shorter than the longest value of the target {deadline.target!r}"
            yield document.mistake(("forget_after",), message)


def _contribution(
    declared: Declared[Entity], name: str, contribution: Contribution, entity: Entity, records: Scope
) -> Iterator[Mistake]:
    document = declared.document
    place: Place = ("contributions", name)
    level = contribution.level
    if level is not None:
        levels = [state for state, one in entity.states.items() if one.enter]
        if level not in document.names(("states",)):
            yield document.unknown((*place, "level"), f"level of {entity.entity}", level, levels)
            return
        if level in entity.states and level not in levels:
            yield document.mistake((*place, "level"), f"state {level!r} is no level: a level has enter and leave")
            return
    scope = state_scope(declared, records, level)
    if contribution.at is not None:
        yield from mistakes_in(document, (*place, "at"), contribution.at, scope, "a whole number")
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
