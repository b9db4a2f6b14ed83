"""The lanes of a state: whether every record that it reads says which one it is of."""

from collections.abc import Iterator

from schemas.entities import Entity
from schemas.states import State
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.scopes import fields_named


def check_lanes(document: Document, name: str, state: State, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the field or the fields that tell the lanes of a state apart."""
    place: Place = ("states", name, "per")
    if isinstance(state.per, str):
        for message in _missing(state.per, state, entity, known):
            yield document.mistake(place, message)
        return
    if state.per is not None and not document.names(place):
        yield document.mistake(place, "name at least one stream with the field that tells its lanes apart")
    for stream, field in (state.per or {}).items():
        declared = known.streams.get(stream)
        if stream not in entity.of:
            if all(other in known.streams for other in entity.of):
                yield document.unknown((*place, stream), f"stream of {entity.entity}", stream, entity.of, at_key=True)
        elif declared is not None and field not in (fields := declared.document.names(("fields",))):
            yield document.unknown((*place, stream), f"field of {stream}", field, fields)


def _missing(field: str, state: State, entity: Entity, known: Declarations) -> Iterator[str]:
    """What is wrong with streams whose records the state reads, and which have no such field."""
    having = fields_named(entity, field, known)
    for stream in entity.of if having else ():
        declared = known.streams.get(stream)
        if declared is None or field in declared.document.names(("fields",)) or not _reads(state, stream):
            continue
        some = ", ".join(f"{other}: {field}" for other in having)
        message = f"{stream} has no field {field!r}, so that all of its records would be of one lane"
        yield f"{message}; name the field of each stream that has one, such as {{{some}}}"


def _reads(state: State, stream: str) -> bool:
    return any(isinstance(one, str) or stream in one for one in state.conditions.values())
