"""Names of definitions: equal where what they compute is equal."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from kpi.formulas import names_in
from kpi.parts.fields import fields_of
from schemas.declarations import Declaration
from schemas.entities import Entity
from schemas.kpis import Catalogue
from schemas.parts import StreamPart
from schemas.states import State
from schemas.streams import Stream

_MEANING = {"type", "scale", "default"}
"""Of a field, what decides which number or text a value becomes."""

_WORDS = {"title", "sentence", "table"}
"""Of a declaration, what nothing is computed from."""


def digest(*parts: object) -> str:
    """10 hex digits that change with any of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def fields_digest(stream: Stream, expressions: Iterable[str | None]) -> str:
    """Names what the fields are that these SQL expressions read; empty where they read none."""
    read = {name for sql in expressions if sql is not None for name in names_in(sql)} & stream.columns.keys()
    return digest(*((name, _meaning(stream, name)) for name in sorted(read))) if read else ""


def part_digest(stream: Stream, part: StreamPart) -> str:
    """Names what a stream's contribution is: its declaration, and what the fields are that it reads."""
    read = [(name, _meaning(stream, name)) for name in sorted(fields_of(stream, part))]
    # How late it may be said decides what is accepted, and not what is made of it.
    return digest(part.model_dump_json(exclude={"within"}), read)


def entity_digest(catalogue: Catalogue, name: str) -> str:
    """Names an entity's definition: its own, the targets of its deadlines, its calendars, the fields that it reads,
    what its streams let be late and be corrected, and on which partition they have a key.
    """
    entity = catalogue.entities[name]
    targets = [catalogue.targets[target].model_dump_json() for target in _targets(entity)]
    streams = [catalogue.streams[stream] for stream in entity.of]
    carried = {field for state in entity.states.values() for field in (*state.carrying, *state.lanes.values())}
    fields = [_field(stream, name) for stream in streams for name in sorted(carried & stream.columns.keys())]
    predicates = [sql for state in entity.states.values() for sql in _predicates(state)]
    read = [fields_digest(stream, predicates) for stream in streams]
    # What was settled by a shorter lateness cannot take in what a longer one lets come.
    kept = [(stream.lateness, stream.corrections, stream.partitioner) for stream in streams]
    calendars = [
        one.model_dump_json(exclude={"title"}) for used in entity.calendars for one in catalogue.calendars[used]
    ]
    return digest(entity.model_dump_json(exclude={"title"}), kept, fields, read, *targets, *calendars)


def catalogue_digest(catalogue: Catalogue, groups: Iterable[object]) -> str:
    """12 hex digits over all that tasks depend on: streams, entities, targets of their deadlines, calendars, reporting,
    and what is counted of them (`groups`). Titles and formulas are the reader's.
    """
    targets = {name for entity in catalogue.entities.values() for name in _targets(entity)}
    calendars = sorted({name for entity in catalogue.entities.values() for name in entity.calendars})
    declared: dict[str, list[Declaration]] = {
        "streams": [catalogue.streams[name] for name in sorted(catalogue.streams)],
        "entities": [catalogue.entities[name] for name in sorted(catalogue.entities)],
        "targets": [catalogue.targets[name] for name in sorted(targets)],
        "reporting": [catalogue.reporting],
    }
    if calendars:
        declared["calendars"] = [one for name in calendars for one in catalogue.calendars[name]]
    parts = {kind: [_canonical(each) for each in those] for kind, those in declared.items()}
    whole = json.dumps([parts, sorted(map(repr, groups))], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _canonical(declaration: Declaration) -> object:
    return declaration.model_dump(mode="json", by_alias=True, exclude=_WORDS)


def _field(stream: Stream, name: str) -> str:
    return stream.fields[name].model_dump_json() if name in stream.fields else _meaning(stream, name)


def _meaning(stream: Stream, name: str) -> str:
    if name in stream.fields:
        return stream.fields[name].model_dump_json(include=_MEANING)
    # What is looked up is what stands in the table for it, wherever that is kept.
    attribute = stream.attributes[name]
    return repr((sorted(attribute.values.items()), attribute.by, _meaning(stream, attribute.by)))


def _targets(entity: Entity) -> list[str]:
    return [deadline.target for deadline in entity.deadlines.values() if deadline.target is not None]


def _predicates(state: State) -> Iterator[str]:
    """Every condition on records that a state is made of."""
    for condition in state.conditions.values():
        if isinstance(condition, dict):
            yield from condition.values()
        else:
            yield condition
