"""What measures may be taken from: streams, and the contributions of streams and of entities."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kpi.parts.clock import values
from kpi.reach import contribution_reach, corrections_of, part_reach
from kpi.sources import owner_of
from schemas.entities import Contribution, Entity
from schemas.parts import EVERY_STREAM, FATE, FATES, StreamPart, fates_of
from schemas.streams import Stream
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.expressions import DType, Scope, type_of
from services.runtime.catalogue.scopes import ENVELOPE, carried_scope, contribution_scope, record_scope

_OF_FATES = frozenset({"stream", FATE})
_FATES_SCOPE = Scope(
    "dimension of what became of records",
    {"value": pl.Int64, "time": pl.Int64, **dict.fromkeys(sorted(_OF_FATES), pl.String)},
    {FATE: ("aggregated", "correction", "duplicate", "invalid", "late")},
)


@dataclass(frozen=True, slots=True)
class Source:
    """One source of measures. `dimensions` are what a KPI may be split by; `scope` is what its measures' SQL may name.

    `reach`: how long after its date, in milliseconds, a contribution may still change. `corrected`: of a stream whose
    events may be corrected or voided. `contribution`: what it is of, where it is not the events themselves.
    """

    name: str
    scope: Scope
    dimensions: frozenset[str]
    contribution: Contribution | StreamPart | None = None
    reach: int = 0
    corrected: bool = False


def sources(known: Declarations) -> Mapping[str, Source]:
    """Every source of the catalogue by name."""
    found = {EVERY_STREAM: Source(EVERY_STREAM, _FATES_SCOPE, _OF_FATES)}
    streams = {name: stream.model for name, stream in known.streams.items() if stream.model is not None}
    for name, stream in streams.items():
        scope = record_scope(name, known.streams[name])
        dimensions = frozenset(scope.columns.keys() - ENVELOPE.keys())
        reach = corrections_of(streams, (name,))
        found[name] = Source(name, scope, dimensions, None, reach, stream.corrections is not None)
        for part in stream.contributions:
            source = _of_part(part, known.streams[name].document, stream, scope)
            found.setdefault(source.name, source)
        fates = fates_of(name)
        source = Source(f"{name}.{FATES}", _FATES_SCOPE, _OF_FATES, fates, part_reach(stream, fates))
        found.setdefault(source.name, source)
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
    owner, part = owner_of(name)
    if known.excused("stream", name) or known.excused("stream", owner) or known.excused("entity", owner):
        return True
    whose = known.entities.get(owner) or known.streams.get(owner)
    return whose is not None and part in whose.document.names(("contributions",))


def _of_part(part: str, document: Document, stream: Stream, records: Scope) -> Source:
    name = f"{stream.stream}.{part}"
    contribution = stream.contributions[part]
    columns: dict[str, DType | None] = {"value": pl.Int64, "time": pl.Int64}
    columns |= dict.fromkeys(document.names(("contributions", part, "dimensions")))
    lists = {}
    for dimension, declared in contribution.dimensions.items():
        columns[dimension] = pl.String
        offered = values(declared) or records.values.get(declared.sql or "")
        if offered:
            lists[dimension] = offered
    scope = Scope(f"dimension of {name}", columns, lists)
    dimensions = frozenset(columns.keys() - {"value", "time"})
    reach, corrected = part_reach(stream, contribution), stream.corrections is not None
    return Source(name, scope, dimensions, contribution, reach, corrected)


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
