"""Names of definitions: equal where what they compute is equal."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from kpi.formulas import names_in
from schemas.entities import Entity, State
from schemas.kpis import Catalogue
from schemas.streams import Declaration, Stream

_MEANING = {"type", "scale", "default"}
"""Of a field, what decides which number or text a value becomes."""

_WORDS = {"title", "sentence", "table"}
"""Of a declaration, what nothing is computed from."""


def digest(*parts: object) -> str:
    """10 hex digits that change with any of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def fields_digest(stream: Stream, expressions: Iterable[str | None]) -> str:
    """Names what the fields are that these SQL expressions read; empty where they read none."""
    read = {name for sql in expressions if sql is not None for name in names_in(sql)} & stream.fields.keys()
    return digest(*((name, _meaning(stream, name)) for name in sorted(read))) if read else ""


def entity_digest(catalogue: Catalogue, name: str) -> str:
    """Names an entity's definition: its own, the targets of its deadlines, the fields that it reads, what its streams
    let be late and be corrected, and on which partition they have a key.
    """
    entity = catalogue.entities[name]
    targets = [catalogue.targets[target].model_dump_json() for target in _targets(entity)]
    streams = [catalogue.streams[stream] for stream in entity.of]
    carried = {field for state in entity.states.values() for field in (*state.carrying, state.per) if field is not None}
    fields = [
        stream.fields[name].model_dump_json() for stream in streams for name in sorted(carried & stream.fields.keys())
    ]
    predicates = [sql for state in entity.states.values() for sql in _predicates(state)]
    read = [fields_digest(stream, predicates) for stream in streams]
    # What was settled by a shorter lateness cannot take in what a longer one lets come.
    kept = [(stream.lateness, stream.corrections, stream.partitioner) for stream in streams]
    return digest(entity.model_dump_json(exclude={"title"}), kept, fields, read, *targets)


def catalogue_digest(catalogue: Catalogue, groups: Iterable[object]) -> str:
    """12 hex digits over all that tasks depend on: streams, entities, targets of their deadlines, reporting, and what
    is counted of them (`groups`). Titles and formulas are the reader's.
    """
    targets = {name for entity in catalogue.entities.values() for name in _targets(entity)}
    declared: dict[str, list[Declaration]] = {
        "streams": [catalogue.streams[name] for name in sorted(catalogue.streams)],
        "entities": [catalogue.entities[name] for name in sorted(catalogue.entities)],
        "targets": [catalogue.targets[name] for name in sorted(targets)],
        "reporting": [catalogue.reporting],
    }
    parts = {kind: [_canonical(each) for each in those] for kind, those in declared.items()}
    whole = json.dumps([parts, sorted(map(repr, groups))], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _canonical(declaration: Declaration) -> object:
    return declaration.model_dump(mode="json", by_alias=True, exclude=_WORDS)


def _meaning(stream: Stream, name: str) -> str:
    return stream.fields[name].model_dump_json(include=_MEANING)


def _targets(entity: Entity) -> list[str]:
    return [deadline.target for deadline in entity.deadlines.values() if deadline.target is not None]


def _predicates(state: State) -> Iterator[str]:
    """Every condition on records that a state is made of."""
    conditions = (
        *(state.first, state.unless, state.set, state.clear, state.enter, state.leave, state.renew, state.latest),
        *(state.opens, state.closes, state.won, state.lost, state.while_, *state.stages.values()),
    )
    for condition in conditions:
        if isinstance(condition, dict):
            yield from condition.values()
        elif condition is not None:
            yield condition
