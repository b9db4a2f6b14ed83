"""The shipped declarations with something changed, as YAML."""

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any

import yaml

from kpi.planning import plan
from schemas.kpis import Catalogue
from services.runtime.catalogue import load

DESK = frozenset({"sales.call", "sales.deal", "sales.lead", "support.contact", "support.ticket", "survey.response"})
"""Streams of sales and service of which workers have enough to do."""


def redeclared(
    *packs: str,
    reading: Collection[str] | None = None,
    streams: Mapping[str, Mapping[str, object]] | None = None,
    **changes: object,
) -> str:
    """The declarations of these departments; with `reading`, what needs no other streams. `changes` are keys that every
    stream states otherwise; `streams` has more of them for single ones. A stream that closes its days keeps its
    partition: all that close hear of each other there.
    """
    catalogue = load([], packs=packs)
    if reading is not None:
        catalogue = _reading(catalogue, reading)
    declared = (catalogue.streams, catalogue.entities, catalogue.targets, catalogue.kpis)
    declarations = [*(one for some in declared for one in some.values()), *chain(*catalogue.calendars.values())]
    documents: list[dict[str, Any]] = [
        declaration.model_dump(mode="json", by_alias=True, exclude_unset=True) for declaration in declarations
    ]
    for document in documents:
        if "stream" in document:
            document |= {**changes, **(streams or {}).get(document["stream"], {})}
            if "closing" in document:
                document["partitions"] = 1
    return yaml.safe_dump_all(documents, sort_keys=False)


def _reading(catalogue: Catalogue, streams: Collection[str]) -> Catalogue:
    """What can be had of these streams alone. What a KPI feeds is left out, as it may not be among it."""
    planned = plan(catalogue)
    entities = {name: one for name, one in catalogue.entities.items() if one.of.keys() <= set(streams)}
    owners = {*streams, *entities}

    def is_had(name: str) -> bool:
        kpi = catalogue.kpis[name]
        groups = {group.unit for group in planned.groups_of(name)}
        return groups <= owners and all(map(is_had, kpi.uses))

    apart = {"feeds": None, "drives": None}
    kpis = {name: one.model_copy(update=apart) for name, one in catalogue.kpis.items() if is_had(name)}
    kept = {name: one for name, one in catalogue.streams.items() if name in streams}
    return catalogue.model_copy(update={"streams": kept, "entities": entities, "kpis": kpis})
