"""The declarations of the bodies."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from schemas.entities import Entity, NamedTarget
from schemas.streams import Stream


class Declared(NamedTuple):
    """By name."""

    streams: dict[str, Stream]
    entities: dict[str, Entity]
    targets: dict[str, NamedTarget]


@cache
def declared() -> Declared:
    """All declarations of `declarations.yaml`."""
    found = Declared({}, {}, {})
    text = Path(__file__).with_name("declarations.yaml").read_text(encoding="utf-8")
    for document in yaml.safe_load_all(text):
        if "stream" in document:
            found.streams[document["stream"]] = Stream.model_validate(document)
        elif "entity" in document:
            found.entities[document["entity"]] = Entity.model_validate(document)
        else:
            found.targets[document["target"]] = NamedTarget.model_validate(document)
    return found
