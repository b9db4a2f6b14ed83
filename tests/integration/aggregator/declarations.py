"""The shipped declarations with something changed, as YAML."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import yaml

from services.runtime.catalogue import load


def redeclared(*packs: str, streams: Mapping[str, Mapping[str, object]] | None = None, **changes: object) -> str:
    """The declarations of these departments. `changes` are keys that every stream states otherwise; `streams` has more
    of them for single ones. A stream that closes its days keeps its partition: all that close hear of each other there.
    """
    catalogue = load([], packs=packs)
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
