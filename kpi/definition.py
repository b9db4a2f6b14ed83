"""Which definition a value was computed by."""

import hashlib
import json
from collections.abc import Iterator

from schemas.entities import Entity
from schemas.kpis import Catalogue, Kpi
from schemas.streams import Declaration


def definition_version(catalogue: Catalogue, kpi: str) -> str:
    """12 hex digits that change with the KPI's declaration and with everything that it depends on.

    They are the first of the SHA-256 over the declarations as canonical JSON: sorted keys, defaults included.
    Raises KeyError for a KPI that the catalogue does not have.
    """
    parts = {name: _canonical(declaration) for name, declaration in _depends(catalogue, catalogue.kpis[kpi], set())}
    whole = json.dumps({"kpi": kpi, "parts": parts}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _canonical(declaration: Declaration) -> object:
    return declaration.model_dump(mode="json", by_alias=True)


def _depends(catalogue: Catalogue, kpi: Kpi, seen: set[str]) -> Iterator[tuple[str, Declaration]]:
    if kpi.kpi in seen:
        return
    seen.add(kpi.kpi)
    yield f"kpi {kpi.kpi}", kpi
    yield "reporting", catalogue.reporting
    for measure in kpi.measures.values():
        if measure.from_ in catalogue.streams:
            yield f"stream {measure.from_}", catalogue.streams[measure.from_]
        else:
            yield from _entity(catalogue, catalogue.entities[measure.from_.rpartition(".")[0]])
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
