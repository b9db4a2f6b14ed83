"""Which definition a value was computed by."""

import hashlib
import json
from collections.abc import Iterator

from kpi.sources import OfEntity, OfPart, OfStream, source_of
from schemas.declarations import Declaration
from schemas.entities import Entity
from schemas.kpis import Catalogue, Kpi

_EXPLAINS = {"example", "counters"}
"""Of a KPI, what shows how it is computed, or what to look at beside it, and changes nothing of it."""

_LEARNT = {
    "serve", "whole", "compare", "parameters", "flags", "recorded", "members", "zero_means",
}  # fmt: skip
"""Of a KPI, what it may leave empty without that being a part of its version."""


def definition_version(catalogue: Catalogue, kpi: str) -> str:
    """12 hex digits that change with the KPI's declaration and with everything that it depends on.

    They are the first of the SHA-256 over the declarations as canonical JSON: sorted keys, defaults included, but for
    what the language has learnt since, which changes no version by saying nothing. Raises KeyError for a KPI that the
    catalogue does not have.
    """
    parts = {name: _canonical(declaration) for name, declaration in _depends(catalogue, catalogue.kpis[kpi], set())}
    whole = json.dumps({"kpi": kpi, "parts": parts}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _canonical(declaration: Declaration) -> object:
    whole: dict[str, object] = declaration.model_dump(mode="json", by_alias=True)
    # Before these existed, declarations had versions without them.
    return {name: said for name, said in whole.items() if name not in _EXPLAINS and (said or name not in _LEARNT)}


def _depends(catalogue: Catalogue, kpi: Kpi, seen: set[str]) -> Iterator[tuple[str, Declaration]]:
    if kpi.kpi in seen:
        return
    seen.add(kpi.kpi)
    yield f"kpi {kpi.kpi}", kpi
    yield "reporting", catalogue.reporting
    if catalogue.reporting.rates is not None:
        yield f"stream {catalogue.reporting.rates}", catalogue.streams[catalogue.reporting.rates]
    for measure in kpi.measures.values():
        match source_of(catalogue, measure.from_):
            case OfStream(stream) | OfPart(stream):
                yield f"stream {stream.stream}", stream
            case OfEntity(entity):
                yield from _entity(catalogue, entity)
    for name in kpi.uses:
        yield from _depends(catalogue, catalogue.kpis[name], seen)


def _entity(catalogue: Catalogue, entity: Entity) -> Iterator[tuple[str, Declaration]]:
    yield f"entity {entity.entity}", entity
    for stream in entity.of:
        yield f"stream {stream}", catalogue.streams[stream]
    for deadline in entity.deadlines.values():
        if deadline.target is None:
            continue
        yield f"target {deadline.target}", catalogue.targets[deadline.target]
    for calendar in entity.calendars:
        for version in catalogue.calendars[calendar]:
            yield f"calendar {calendar} from {version.valid_from}", version
