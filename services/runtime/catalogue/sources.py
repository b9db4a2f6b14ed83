"""What measures may be taken from: streams, and the contributions of entities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from schemas.entities import Contribution, Entity, State
from schemas.streams import FieldType, Stream
from services.runtime.catalogue.declarations import Declarations, Declared
from services.runtime.catalogue.expressions import DType, Scope, names_in, type_of

_TYPES: Final[dict[FieldType, type[pl.DataType]]] = {
    FieldType.string: pl.String,
    FieldType.enum: pl.String,
    FieldType.boolean: pl.Boolean,
}
_ENVELOPE: Final[dict[str, DType]] = {"id": pl.String, "source": pl.String, "time": pl.Int64}


@dataclass(frozen=True, slots=True)
class Source:
    """One source of measures. `dimensions` are what a KPI may be split by; `scope` is what its measures' SQL may name.

    `reach`: how long, in milliseconds, a contribution may still be withdrawn.
    """

    name: str
    scope: Scope
    dimensions: frozenset[str]
    contribution: Contribution | None = None
    reach: int = 0


def record_scope(name: str, declared: Declared[Stream] | None) -> Scope:
    """What an expression over a record of the stream may name; anything where the stream is not there to ask."""
    if declared is None or declared.model is None:
        return Scope(f"field of {name}", {}, hidden=("",))
    fields = declared.model.fields
    types: dict[str, DType | None] = dict.fromkeys(declared.document.names(("fields",)))
    types |= {name: _TYPES.get(field.type, pl.Int64) for name, field in fields.items()}
    values = {name: field.enum for name, field in fields.items() if field.enum}
    return Scope(f"field of {name}", {**types, **_ENVELOPE}, values)


def state_scope(declared: Declared[Entity], records: Scope, only: str | None = None) -> Scope:
    """What a contribution may name: times, carried fields and deadlines; where given, of the state `only`."""
    entity = declared.model
    columns: dict[str, DType | None] = {}
    values: dict[str, tuple[str, ...]] = {}
    for name, state in entity.states.items() if entity else ():
        if only not in (None, name):
            continue
        columns[f"{name}_time"] = pl.Int64
        for carried in state.carrying:
            columns[f"{name}_{carried}"] = records.columns.get(carried)
            if carried in records.values:
                values[f"{name}_{carried}"] = records.values[carried]
    if only is None:
        columns |= dict.fromkeys(declared.document.names(("deadlines",)), pl.Int64)
    broken = [
        name
        for name in declared.document.names(("states",))
        if only in (None, name) and not _sound(entity.states.get(name) if entity else None, records)
    ]
    what = f"state or carried field of {declared.document.name}" if only is None else f"field of the level {only!r}:"
    return Scope(what, columns, values, tuple(f"{name}_" for name in broken))


def _sound(state: State | None, records: Scope) -> bool:
    return state is not None and all(records.knows(carried) for carried in state.carrying)


def stream_of(entity: Entity, known: Declarations) -> Scope:
    """What an expression over a record that the entity reads may name."""
    name = next(iter(entity.of))
    return record_scope(name, known.streams.get(name))


def sources(known: Declarations) -> Mapping[str, Source]:
    """Every source of the catalogue by name."""
    found: dict[str, Source] = {}
    for name, stream in known.streams.items():
        if stream.model is not None:
            scope = record_scope(name, stream)
            found[name] = Source(name, scope, frozenset(scope.columns.keys() - _ENVELOPE.keys()))
    for entity in known.entities.values():
        if entity.model is None:
            continue
        records = stream_of(entity.model, known)
        for part, contribution in entity.model.contributions.items():
            source = _contributed(f"{entity.document.name}.{part}", part, contribution, entity, records)
            # A stream of the same name is a mistake of its own; measures of it are checked as the stream's.
            found.setdefault(source.name, source)
    return found


def excused(name: str, known: Declarations) -> bool:
    """Whether the source exists but cannot be used."""
    owner, _, part = name.rpartition(".")
    if known.excused("stream", name) or known.excused("entity", owner):
        return True
    entity = known.entities.get(owner)
    return entity is not None and part in entity.document.names(("contributions",))


def _contributed(name: str, part: str, contribution: Contribution, entity: Declared[Entity], records: Scope) -> Source:
    states = state_scope(entity, records, contribution.level)
    columns: dict[str, DType | None] = {"value": pl.Int64}
    columns |= dict.fromkeys(entity.document.names(("contributions", part, "dimensions")))
    values = {}
    for dimension, sql in contribution.dimensions.items():
        dtype = type_of(sql, states)
        columns[dimension] = None if dtype is None or isinstance(dtype, str) else pl.String
        if sql in states.values:
            values[dimension] = states.values[sql]
    scope = Scope(f"dimension of {name}", columns, values)
    return Source(name, scope, frozenset(columns.keys() - {"value"}), contribution, _reach(entity.model, contribution))


def _reach(entity: Entity | None, contribution: Contribution) -> int:
    """The longest time within which a state that the contribution names can be cleared."""
    sqls = [contribution.at, contribution.value, contribution.where, *contribution.dimensions.values()]
    named = names_in(sql for sql in sqls if sql)
    states = entity.states if entity else {}
    return max(
        (state.within or 0 for name, state in states.items() if any(one.startswith(f"{name}_") for one in named)),
        default=0,
    )
