"""Names of definitions: equal where what they compute is equal."""

import hashlib
from collections.abc import Iterable

from schemas.kpis import Catalogue
from schemas.streams import Stream


def digest(*parts: object) -> str:
    """10 hex digits that change with any of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def entity_digest(catalogue: Catalogue, name: str) -> str:
    """Names an entity's definition: its own, the targets of its deadlines, the fields that it carries, and what its
    streams let be corrected.
    """
    entity = catalogue.entities[name]
    named = [deadline.target for deadline in entity.deadlines.values() if deadline.target is not None]
    targets = [catalogue.targets[name].model_dump_json() for name in named]
    streams = [catalogue.streams[stream] for stream in entity.of]
    read = {field for state in entity.states.values() for field in (*state.carrying, state.per) if field is not None}
    fields = [
        stream.fields[name].model_dump_json() for stream in streams for name in sorted(read & stream.fields.keys())
    ]
    corrections = [stream.corrections for stream in streams]
    return digest(entity.model_dump_json(exclude={"title"}), corrections, fields, *targets)


def events_digest(stream: Stream, fields: Iterable[str]) -> str:
    """Names how long the stream's events may be corrected, and what is kept of them until then."""
    kept = [(name, stream.fields[name].model_dump_json()) for name in fields]
    return digest(stream.corrections, kept)
