"""The declarations that the bodies are measured with, and the groups that their contributions go to."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kpi.plan import Group
from kpi.planning import plan
from schemas.entities import Contribution
from schemas.kpis import Catalogue
from services.runtime.catalogue import load

_KPI: dict[str, object] = {
    "title": "a",
    "sentence": "a",
    "department": "a",
    "unit": "a",
    "direction": "up",
    "kind": "leading",
    "owner": "a",
    "windows": {"rolling": ["5m"]},
    "formula": "1",
}
_KINDS = {"stream": "streams", "entity": "entities", "target": "targets"}
EVENTS = "bench.amended"
"""The stream whose events can be corrected."""


def _kpi(name: str, source: str, dimensions: list[str], **measure: object) -> dict[str, object]:
    return {**_KPI, "kpi": name, "dimensions": dimensions, "measures": {"m": {"from": source, **measure}}}


def _measured(entity: str, name: str, contribution: Contribution) -> dict[str, object]:
    dimensions = [dimension for dimension in contribution.dimensions if dimension != "customer"]
    source = f"{entity}.{name}"
    if "customer" in contribution.dimensions:
        return _kpi(f"{entity}_{name}", source, dimensions, aggregate="distinct", value="customer")
    return _kpi(f"{entity}_{name}", source, dimensions, aggregate="level" if contribution.level else "mean")


@cache
def _documents() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {"streams": {}, "entities": {}, "targets": {}}
    text = Path(__file__).with_name("declarations.yaml").read_text(encoding="utf-8")
    for document in yaml.safe_load_all(text):
        kind, kinds = next((kind, kinds) for kind, kinds in _KINDS.items() if kind in document)
        found[kinds][document[kind]] = document
    return found


@cache
def bodies() -> Catalogue:
    """A mean or level of each contribution of `declarations.yaml`, of orders the customers, and a count of events."""
    kpis = [_kpi("events", EVENTS, ["team"], aggregate="count")]
    for name, entity in _documents()["entities"].items():
        kpis += [
            _measured(name, one, Contribution.model_validate(contribution))
            for one, contribution in entity["contributions"].items()
        ]
    return Catalogue.model_validate({**_documents(), "kpis": {str(kpi["kpi"]): kpi for kpi in kpis}})


@cache
def shipped() -> Catalogue:
    """What the service pack declares."""
    return load([], packs=["service"])


@cache
def groups_of(source: str) -> tuple[Group, ...]:
    """The groups that contributions of the source (`<entity>.<contribution>`, or a stream) go to."""
    catalogue = shipped() if source.startswith("ticket.") else bodies()
    return tuple(group for group in plan(catalogue).groups.values() if group.source == source)


def group(*measures: dict[str, object], dimensions: tuple[str, ...] = ("team",)) -> Group:
    """The one group of measures of `bench.order`, each a KPI of its own."""
    names = [f"k{place}" for place in range(len(measures))]
    kpis = {
        name: _kpi(name, "bench.order", list(dimensions), **measure)
        for name, measure in zip(names, measures, strict=True)
    }
    (found,) = plan(Catalogue.model_validate({**_documents(), "kpis": kpis})).groups.values()
    return found
