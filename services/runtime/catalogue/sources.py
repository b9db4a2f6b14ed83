"""What measures may be taken from: streams, and the contributions of entities."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kpi.reach import contribution_reach, corrections_of
from schemas.entities import Contribution, Entity
from schemas.streams import Stream
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.expressions import DType, Scope, type_of
from services.runtime.catalogue.scopes import ENVELOPE, carried_scope, contribution_scope, record_scope


@dataclass(frozen=True, slots=True)
class Source:
    """One source of measures. `dimensions` are what a KPI may be split by; `scope` is what its measures' SQL may name.

    `reach`: how long after its date, in milliseconds, a contribution may still change. `corrected`: a stream whose
    events may be corrected or voided.
    """

    name: str
    scope: Scope
    dimensions: frozenset[str]
    contribution: Contribution | None = None
    reach: int = 0
    corrected: bool = False


def sources(known: Declarations) -> Mapping[str, Source]:
    """Every source of the catalogue by name."""
    found: dict[str, Source] = {}
    streams = {name: stream.model for name, stream in known.streams.items() if stream.model is not None}
    for name, stream in streams.items():
        scope = record_scope(name, known.streams[name])
        dimensions = frozenset(scope.columns.keys() - ENVELOPE.keys())
        reach = corrections_of(streams, (name,))
        found[name] = Source(name, scope, dimensions, None, reach, stream.corrections is not None)
    for entity in known.entities.values():
        if entity.model is None:
            continue
        for part in entity.model.contributions:
            source = _contributed(part, entity.document, entity.model, known, streams)
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


def _contributed(
    part: str, document: Document, entity: Entity, known: Declarations, streams: Mapping[str, Stream]
) -> Source:
    name = f"{document.name}.{part}"
    contribution = entity.contributions[part]
    states = contribution_scope(document, entity, contribution, carried_scope(entity, known))
    columns: dict[str, DType | None] = {"value": pl.Int64}
    columns |= dict.fromkeys(document.names(("contributions", part, "dimensions")))
    values = {}
    for dimension, sql in contribution.dimensions.items():
        dtype = type_of(sql, states)
        columns[dimension] = None if dtype is None or isinstance(dtype, str) else pl.String
        if sql in states.values:
            values[dimension] = states.values[sql]
    scope = Scope(f"dimension of {name}", columns, values)
    dimensions = frozenset(columns.keys() - {"value"})
    return Source(name, scope, dimensions, contribution, contribution_reach(entity, contribution, streams))
