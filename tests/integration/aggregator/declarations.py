"""The shipped declarations with something changed, as YAML."""

from collections.abc import Mapping
from typing import Any

import yaml

from services.runtime.catalogue import load


def redeclared(*packs: str, streams: Mapping[str, Mapping[str, object]] | None = None, **changes: object) -> str:
    """The declarations of these departments. `changes` are keys that every stream states otherwise; `streams` has more
    of them for single ones.
    """
    catalogue = load([], packs=packs)
    documents: list[dict[str, Any]] = [
        declaration.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for declared in (catalogue.streams, catalogue.entities, catalogue.targets, catalogue.kpis)
        for declaration in declared.values()
    ]
    for document in documents:
        if "stream" in document:
            document |= {**changes, **(streams or {}).get(document["stream"], {})}
    return yaml.safe_dump_all(documents, sort_keys=False)
