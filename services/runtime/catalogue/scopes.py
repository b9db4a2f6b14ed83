"""What expressions may name: the fields of records, and what states offer to contributions."""

from typing import Final, Literal

import polars as pl

from schemas.entities import Contribution, Elapsed, Entity
from schemas.states import State
from schemas.streams import FieldType, RecordField, Stream
from services.runtime.catalogue.declarations import Declarations, Declared
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.expressions import DType, Scope
from services.runtime.catalogue.mistakes import listed

_TYPES: Final[dict[FieldType, type[pl.DataType]]] = {
    FieldType.string: pl.String,
    FieldType.enum: pl.String,
    FieldType.boolean: pl.Boolean,
    FieldType.map: pl.String,
}
Way = Literal["life", "level", "each", "closing"]
"""How a contribution reads states: all slots of a life, or one state."""

_WORDS: Final[dict[Way, str]] = {"level": "the level", "each": "each", "closing": "what closes"}
PARTS_OF_EPISODES: Final = ("started", "ended", "times")
ENVELOPE: Final[dict[str, DType]] = {"id": pl.String, "source": pl.String, "time": pl.Int64}


def record_scope(name: str, declared: Declared[Stream] | None) -> Scope:
    """What an expression over a record of the stream may name; anything where the stream is not there to ask."""
    if declared is None or declared.model is None:
        return Scope(f"field of {name}", {}, hidden=("",))
    fields = declared.model.fields
    types: dict[str, DType | None] = dict.fromkeys(declared.document.names(("fields",)))
    types |= dict.fromkeys(declared.document.names(("attributes",)), pl.String)
    types |= {name: _TYPES.get(field.type, pl.Int64) for name, field in fields.items()}
    values = {name: field.enum for name, field in fields.items() if field.enum}
    looked_up = declared.model.attributes.items()
    values |= {name: tuple(sorted({*one.values.values()})) for name, one in looked_up if one.values}
    return Scope(f"field of {name}", {**types, **ENVELOPE}, values)


def carried_scope(entity: Entity, known: Declarations) -> Scope:
    """The fields that records of any of the entity's streams have, so that a state can carry them."""
    scopes = [record_scope(name, known.streams.get(name)) for name in entity.of]
    columns: dict[str, DType | None] = {}
    values: dict[str, tuple[str, ...]] = {}
    for scope in scopes:
        columns = {**scope.columns, **columns}
    for field in columns:
        lists = [scope.values.get(field) for scope in scopes if field in scope.columns]
        if lists and all(lists):
            values[field] = tuple(dict.fromkeys(value for one in lists for value in one or ()))
    hidden = tuple({prefix for scope in scopes for prefix in scope.hidden})
    fields = {name: dtype for name, dtype in columns.items() if name not in ENVELOPE}
    return Scope(f"field of {listed(entity.of)}", fields, values, hidden)


def fields_named(entity: Entity, name: str, known: Declarations) -> dict[str, RecordField]:
    """The declarations of a field, by the streams of the entity that have it."""
    streams = {stream: known.streams[stream].model for stream in entity.of if stream in known.streams}
    return {stream: model.columns[name] for stream, model in streams.items() if model and name in model.columns}


def ways(state: State) -> tuple[Way, ...]:
    """How contributions may read the state."""
    return (
        *(("life",) if state.is_slot else ()),
        *(("level",) if state.is_level else ()),
        *(("each",) if _has_several(state) else ()),
        *(("closing",) if state.opens is not None else ()),
    )


def _has_several(state: State) -> bool:
    united = state.while_ is not None and not state.each
    kinds = (state.enter is not None, state.opens is not None, bool(state.stages), united, is_set_by_lane(state))
    return any(kinds)


def is_set_by_lane(state: State) -> bool:
    """Whether it is one moment in each lane."""
    return state.is_by_lane and (state.first is not None or state.set is not None)


def way_of(contribution: Contribution) -> tuple[Way, str | None]:
    """How the contribution reads, and which state; all slots of a life where it is None."""
    if contribution.level is not None:
        return "level", contribution.level
    if contribution.each is not None:
        return "each", contribution.each
    return ("life", None) if contribution.closing is None else ("closing", contribution.closing)


def moments(name: str, state: State, way: Way) -> dict[str, DType]:
    """What a state offers of its own, by type: times in milliseconds, and what is counted from them."""
    if way == "level" and state.while_ is not None and not state.each:
        # Held by several records at once: which of them began it is not kept.
        parts: tuple[str, ...] = ()
    elif state.while_ is not None and way == "each":
        parts = ("ended",)
    elif way in ("life", "level") or is_set_by_lane(state):
        parts = ("time",)
    elif state.opens is not None:
        parts = ("opened", "closed")
    elif state.stages:
        return {name: pl.String, **{f"{name}_{part}": pl.Int64 for part in ("entered", "left", "forward", "spent")}}
    else:
        parts = (*PARTS_OF_EPISODES, *state.counting, *(("followed",) if state.followed is not None else ()))
    return {f"{name}_{part}": pl.Int64 for part in parts}


def carried_as(name: str, state: State, way: Way) -> dict[str, str]:
    """The fields that a state carries, by the names under which contributions read them."""
    names = {f"{name}_{field}": field for field in state.carrying}
    if way == "closing":
        names |= {f"{name}_closing_{field}": field for field in state.carrying}
    return names


def offered_by(entity: Entity) -> dict[str, str]:
    """All names that states offer to contributions, and the state that does; the first, where several do."""
    found: dict[str, str] = {}
    for name, state in entity.states.items():
        for way in ways(state):
            for offered in (*moments(name, state, way), *carried_as(name, state, way)):
                found.setdefault(offered, name)
    return found


def measured_of(document: Document, entity: Entity, elapsed: Elapsed) -> tuple[str | None, str | None]:
    """Of what the two moments of a duration are read: a state, or "" for a life; None where there is no such moment."""
    moments, deadlines = entity.moments, document.names(("deadlines",))

    def read_of(name: str) -> str | None:
        if name in deadlines:
            return ""
        state = moments.get(name)
        return "" if state is not None and entity.states[state].is_slot else state

    return read_of(elapsed.from_), read_of(elapsed.to)


def contribution_scope(document: Document, entity: Entity, contribution: Contribution, fields: Scope) -> Scope:
    """What the expressions of a contribution may name. `fields`: the entity's, as of `carried_scope`."""
    states = entity.states
    way, only = way_of(contribution)
    columns: dict[str, DType | None] = {}
    values: dict[str, tuple[str, ...]] = {}
    for name, state in states.items():
        beside = (way == "each" or contribution.is_bounded) and name != only and state.stays
        if not beside and (only not in (None, name) or way not in ways(state)):
            continue
        columns |= moments(name, state, "life" if beside else way)
        if state.stages:
            values[name] = tuple(state.stages)
        for offered, field in carried_as(name, state, way).items():
            columns[offered] = fields.columns.get(field)
            if field in fields.values:
                values[offered] = fields.values[field]
    written = document.names(("states",))
    broken = [name for name in written if only in (None, name) and not _is_sound(states.get(name), fields)]
    for name in document.names(("durations",)) if way != "level" else ():
        elapsed = entity.durations.get(name)
        read_of = {None} if elapsed is None else set(measured_of(document, entity, elapsed))
        # Of one that is broken it cannot be told.
        if None in read_of or len(read_of) > 1 or read_of == {only or ""}:
            columns[name] = pl.Int64
    if contribution.is_bounded:
        stay = {name for name, state in states.items() if state.stays}
        deadlines = entity.deadlines.items()
        columns |= {name: pl.Int64 for name, one in deadlines if one.after in stay}
    if only is not None:
        return Scope(f"field of {_WORDS[way]} {only!r}:", columns, values, ("",) if broken else ())
    columns |= dict.fromkeys(document.names(("deadlines",)), pl.Int64)
    what = f"state or carried field of {document.name}"
    return Scope(what, columns, values, tuple(f"{name}_" for name in broken))


def _is_sound(state: State | None, fields: Scope) -> bool:
    return state is not None and all(fields.knows(field) for field in state.carrying)
