"""What expressions may name: the fields of records, and what states offer to contributions."""

from typing import Final, Literal

import polars as pl

from schemas.entities import Contribution, Entity, State
from schemas.streams import FieldType, RecordField, Stream
from services.runtime.catalogue.declarations import Declarations, Declared
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.expressions import DType, Scope
from services.runtime.catalogue.mistakes import listed

_TYPES: Final[dict[FieldType, type[pl.DataType]]] = {
    FieldType.string: pl.String,
    FieldType.enum: pl.String,
    FieldType.boolean: pl.Boolean,
}
Way = Literal["life", "level", "each", "closing"]
"""How a contribution reads states: all slots of a life, or one state."""

_WORDS: Final[dict[Way, str]] = {"level": "the level", "each": "each", "closing": "what closes"}
ENVELOPE: Final[dict[str, DType]] = {"id": pl.String, "source": pl.String, "time": pl.Int64}


def record_scope(name: str, declared: Declared[Stream] | None) -> Scope:
    """What an expression over a record of the stream may name; anything where the stream is not there to ask."""
    if declared is None or declared.model is None:
        return Scope(f"field of {name}", {}, hidden=("",))
    fields = declared.model.fields
    types: dict[str, DType | None] = dict.fromkeys(declared.document.names(("fields",)))
    types |= {name: _TYPES.get(field.type, pl.Int64) for name, field in fields.items()}
    values = {name: field.enum for name, field in fields.items() if field.enum}
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
    return {stream: model.fields[name] for stream, model in streams.items() if model and name in model.fields}


def ways(state: State) -> tuple[Way, ...]:
    """How contributions may read the state."""
    return (
        *(("life",) if state.is_slot else ()),
        *(("level",) if state.is_level else ()),
        *(("each",) if state.enter is not None or state.opens is not None or state.stages else ()),
        *(("closing",) if state.opens is not None else ()),
    )


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
    elif way in ("life", "level"):
        parts = ("time",)
    elif state.opens is not None:
        parts = ("opened", "closed")
    elif state.stages:
        return {name: pl.String, **{f"{name}_{part}": pl.Int64 for part in ("entered", "left", "forward", "spent")}}
    else:
        parts = ("started", "ended", "times")
    return {f"{name}_{part}": pl.Int64 for part in parts}


def carried_as(name: str, state: State, way: Way) -> dict[str, str]:
    """The fields that a state carries, by the names under which contributions read them."""
    names = {f"{name}_{field}": field for field in state.carrying}
    if way == "closing":
        names |= {f"{name}_closing_{field}": field for field in state.carrying}
    return names


def contribution_scope(document: Document, entity: Entity, contribution: Contribution, fields: Scope) -> Scope:
    """What the expressions of a contribution may name. `fields`: the entity's, as of `carried_scope`."""
    states = entity.states
    way, only = way_of(contribution)
    columns: dict[str, DType | None] = {}
    values: dict[str, tuple[str, ...]] = {}
    for name, state in states.items():
        if only not in (None, name) or way not in ways(state):
            continue
        columns |= moments(name, state, way)
        if state.stages:
            values[name] = tuple(state.stages)
        for offered, field in carried_as(name, state, way).items():
            columns[offered] = fields.columns.get(field)
            if field in fields.values:
                values[offered] = fields.values[field]
    written = document.names(("states",))
    broken = [name for name in written if only in (None, name) and not _is_sound(states.get(name), fields)]
    if only is not None:
        return Scope(f"field of {_WORDS[way]} {only!r}:", columns, values, ("",) if broken else ())
    columns |= dict.fromkeys(document.names(("deadlines",)), pl.Int64)
    what = f"state or carried field of {document.name}"
    return Scope(what, columns, values, tuple(f"{name}_" for name in broken))


def _is_sound(state: State | None, fields: Scope) -> bool:
    return state is not None and all(fields.knows(field) for field in state.carrying)
