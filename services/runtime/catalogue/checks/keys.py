"""What makes the key of an entity, and who reads a stream."""

from collections.abc import Iterator

from schemas.entities import Entity
from schemas.streams import FieldType, RecordField, Stream
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place, value_at
from services.runtime.catalogue.mistakes import Mistake


def check_keys(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the streams that an entity reads and in the fields that make its key."""
    found: dict[str, Stream] = {}
    for name in entity.of:
        stream = known.streams.get(name)
        if stream is None or stream.model is None:
            if not known.excused("stream", name):
                yield document.unknown(("of", name), "stream", name, known.streams, at_key=True)
            continue
        mistakes = list(_fields(document, name, entity, known))
        yield from mistakes
        if not mistakes:
            found[name] = stream.model
    yield from _alike(document, entity, found)
    earlier = list(_earlier(document, entity, known)) if is_first_hop(entity, found) else []
    for other, where in earlier:
        (name,) = entity.of
        if other.key_of(name) == entity.key_of(name):
            message = f"stream {name} is read by the entity {other.entity!r} ({where}); add the states there"
            yield document.mistake(("of", name), message)
    if earlier or not is_first_hop(entity, found):
        for name in found:
            topic = f"{name}.by.{entity.key_of(name)[0]}"
            if topic in known.streams:
                message = f"stream {topic} has the name under which {name} is kept for this key; rename the stream"
                yield document.mistake(("of", name), message)


def is_first_hop(entity: Entity, streams: dict[str, Stream]) -> bool:
    """Whether the entity reads one stream by that stream's own key, so that nothing has to be keyed anew."""
    names = tuple(entity.of)
    stream = streams.get(names[0])
    return len(names) == 1 and stream is not None and entity.key_of(names[0])[0] == stream.key


def kind_of(field: RecordField) -> str:
    """What values of the field are, in words: two fields of one kind can stand in one column."""
    match field.type:
        case FieldType.string | FieldType.enum | FieldType.map:
            return "text"
        case FieldType.boolean | FieldType.date:
            return f"a {field.type.value}"
        case FieldType.decimal:
            return f"a decimal with {field.scale} digits after the point"
        case _:
            return "a whole number"


def _fields(document: Document, name: str, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    declared = known.streams[name].document.names(("fields",))
    fields = entity.key_of(name)
    listed = isinstance(entity.of[name], tuple)
    for number, field in enumerate(fields):
        place: Place = ("of", name, number) if listed else ("of", name)
        if field not in declared:
            yield document.unknown(place, f"field of {name}", field, declared)
        elif field in fields[:number]:
            yield document.mistake(place, f"{field!r} is in the key already")
    if not value_at(document.data, ("of", name)):
        yield document.mistake(("of", name), "name at least one field that makes the key")


def _alike(document: Document, entity: Entity, found: dict[str, Stream]) -> Iterator[Mistake]:
    """Records of one key have to meet: equal keys in all streams, on equally numbered partitions."""
    first, *others = found or [""]
    for name in others:
        place: Place = ("of", name)
        one, other = entity.key_of(first), entity.key_of(name)
        if len(one) != len(other):
            yield document.mistake(place, f"the key has {len(other)} fields in {name} and {len(one)} in {first}")
            continue
        for here, there in zip(other, one, strict=True):
            kinds = [found[name].fields.get(here), found[first].fields.get(there)]
            words = [kind_of(field) for field in kinds if field is not None]
            if len(words) == 2 and words[0] != words[1]:
                message = f"{here!r} of {name} is {words[0]}, but {there!r} of {first} is {words[1]}: no key is in both"
                yield document.mistake(place, message)
        partitions = found[name].partitions, found[first].partitions
        if partitions[0] != partitions[1]:
            message = f"{name} has {partitions[0]} partitions and {first} has {partitions[1]}: declare equally many"
            yield document.mistake(place, message)


def _earlier(document: Document, entity: Entity, known: Declarations) -> Iterator[tuple[Entity, str]]:
    """The entities before this one that fold its stream by the stream's own key, and where they stand.

    One of an equal key is the same entity, declared twice; one of another key is read apart.
    """
    name = next(iter(entity.of))
    streams = {stream: one.model for stream, one in known.streams.items() if one.model is not None}
    for other in known.entities.values():
        if other.document is document:
            return
        if other.model is not None and name in other.model.of and is_first_hop(other.model, streams):
            yield other.model, f"{other.document.file}:{other.document.line()}"
