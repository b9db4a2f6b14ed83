"""What is owned together, and between which of them records travel re-keyed."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.entities import Entity
from schemas.kpis import Catalogue
from schemas.topics import history_topic, rekeyed_topic, stream_topic


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """A topic that holds a stream's accepted records again, keyed by the value of `field`."""

    stream: str
    field: str
    topic: str
    partitions: int


@dataclass(frozen=True, slots=True)
class Origin:
    """A topic partition whose records arrive re-keyed."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What is owned together: one plain stream, or one kind of entity with the streams that it reads.

    Task n = partition n of it. A unit of the first hop owns its stream: it judges the records, and writes those that
    are accepted to the topics `writes`. A unit of the second hop has `reads`, one topic for each of its streams; it
    judges nothing, and other units own its streams. `origins`: by stream that is read re-keyed, the live topic
    partitions that are waited for. `closes`: by its keys, which therefore stay where they are.
    """

    name: str
    streams: tuple[str, ...]
    partitions: int
    entity: Entity | None
    reads: tuple[Rekeyed, ...] = ()
    writes: tuple[Rekeyed, ...] = ()
    origins: tuple[Origin, ...] = ()
    closes: bool = False

    @property
    def is_second_hop(self) -> bool:
        """Whether it reads what others have re-keyed."""
        return bool(self.reads)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that its tasks read."""
        if self.reads:
            return tuple(rekeyed.topic for rekeyed in self.reads)
        return tuple(topic for stream in self.streams for topic in (stream_topic(stream), history_topic(stream)))

    def live_topic(self, stream: str) -> str:
        """The topic in which the live records of one of its streams arrive, and whose watermark is theirs."""
        return next((rekeyed.topic for rekeyed in self.reads if rekeyed.stream == stream), stream_topic(stream))


def owners(catalogue: Catalogue) -> dict[str, str]:
    """The unit that owns each stream: the first entity that is folded by the stream's own key, else the stream."""
    found = {name: name for name in catalogue.streams}
    for entity in catalogue.entities.values():
        if len(entity.of) == 1:
            (stream,) = entity.of
            own = entity.key_of(stream)[0] == catalogue.streams[stream].key
            if own and found[stream] == stream:
                found[stream] = entity.entity
    return found


def units_of(catalogue: Catalogue) -> dict[str, Unit]:
    """Every unit of a checked catalogue by its name: those that own streams, and the entities of the second hop."""
    owned = owners(catalogue)
    joined = [entity for entity in catalogue.entities.values() if entity.entity not in owned.values()]
    rekeyed = _rekeyed(catalogue, joined)
    units = {}
    for stream, name in owned.items():
        writes = tuple(topic for (source, _), topic in sorted(rekeyed.items()) if source == stream)
        declared = catalogue.streams[stream]
        closes = declared.closing is not None
        entity = catalogue.entities.get(name)
        units[name] = Unit(name, (stream,), declared.partitions, entity, (), writes, closes=closes)
    for entity in joined:
        streams = tuple(sorted(entity.of))
        reads = tuple(rekeyed[stream, entity.key_of(stream)[0]] for stream in streams)
        origins = tuple(
            Origin(stream_topic(stream), partition)
            for stream in streams
            for partition in range(catalogue.streams[stream].partitions)
        )
        units[entity.entity] = Unit(entity.entity, streams, reads[0].partitions, entity, reads, (), origins)
    return dict(sorted(units.items()))


def _rekeyed(catalogue: Catalogue, joined: Iterable[Entity]) -> dict[tuple[str, str], Rekeyed]:
    """The re-keyed topics by (stream, field). Those that one task reads, directly or by way of others, are equally
    many partitions wide: as many as the widest of their streams.
    """
    together: list[set[tuple[str, str]]] = []
    for entity in joined:
        mine = {(stream, entity.key_of(stream)[0]) for stream in entity.of}
        for other in [group for group in together if group & mine]:
            together.remove(other)
            mine |= other
        together.append(mine)
    found = {}
    for group in together:
        partitions = max(catalogue.streams[stream].partitions for stream, _ in group)
        for stream, field in group:
            found[stream, field] = Rekeyed(stream, field, rekeyed_topic(stream, field), partitions)
    return found
