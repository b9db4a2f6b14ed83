"""What is shipped, for cases that are told to it."""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Any

import yaml

from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.examples.running import parts_for

_ALONE = {"feeds", "drives", "example"}
"""Of a KPI, what names others, or nothing that is computed."""


@cache
def _shipped() -> Catalogue:
    return load([])


def shipped(*names: str, zones: tuple[str, ...] = (), windows: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """The declarations of these shipped KPIs and of all that they need, as YAML, with one partition a stream.

    `windows`: those of every KPI instead of its own; `changes`: keys that every stream states otherwise.
    """
    documents: dict[str, dict[str, Any]] = {}
    for name in names:
        needed = parts_for(_shipped(), name)
        calendars = {calendar for entity in needed.entities.values() for calendar in entity.calendars}
        declared = chain(
            needed.streams.values(),
            needed.entities.values(),
            needed.targets.values(),
            chain.from_iterable(needed.calendars[calendar] for calendar in sorted(calendars)),
            needed.kpis.values(),
        )
        for one in declared:
            document = one.model_dump(mode="json", by_alias=True, exclude_unset=True)
            kind = next(iter(document))
            documents[f"{kind} {document[kind]} {document.get('valid_from')}"] = document
    for document in documents.values():
        if "stream" in document:
            document |= {"partitions": 1, "clock": "replay", "disorder": "0s", **changes}
        if "kpi" in document:
            document |= {"windows": windows or document["windows"]}
            # Whether a window is served is no matter of cases that bring their own.
            for key in (_ALONE | ({"serve", "targets"} if windows else set())) & document.keys():
                del document[key]
    reporting = {"reporting": "default", "zones": list(zones) or ["UTC"]}
    return yaml.safe_dump_all([*documents.values(), reporting], sort_keys=False)
