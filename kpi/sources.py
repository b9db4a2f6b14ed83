"""Where the contributions of measures come from: the events of a stream, a part of them, or an entity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.entities import Contribution, Entity
from schemas.kpis import Catalogue
from schemas.parts import FATES, StreamPart, fates_of
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class OfStream:
    """The events of a stream themselves."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class OfPart:
    """A contribution that a stream declares of its events."""

    stream: Stream
    part: StreamPart


@dataclass(frozen=True, slots=True)
class OfEntity:
    """A contribution of an entity."""

    entity: Entity
    contribution: Contribution


Source = OfStream | OfPart | OfEntity


def offered_by(source: Source) -> Iterable[str]:
    """The dimensions that a source has."""
    return source.stream.columns if isinstance(source, OfStream) else _contribution(source).dimensions


def _contribution(source: OfPart | OfEntity) -> StreamPart | Contribution:
    return source.part if isinstance(source, OfPart) else source.contribution


def owner_of(name: str) -> tuple[str, str]:
    """(stream or entity, contribution) of a name such as `ticket.response`; the first is empty where there is none."""
    owner, _, contribution = name.rpartition(".")
    return owner, contribution


def source_of(catalogue: Catalogue, name: str) -> Source:
    """What a measure's `from` names. A stream (`web.click`) goes before a contribution of the same name.

    Raises KeyError where the catalogue has neither.
    """
    return source_in(catalogue.streams, catalogue.entities, name)


def source_in(streams: Mapping[str, Stream], entities: Mapping[str, Entity], name: str) -> Source:
    """See `source_of`."""
    if name in streams:
        return OfStream(streams[name])
    owner, contribution = owner_of(name)
    if owner in streams and contribution == FATES and FATES not in streams[owner].contributions:
        return OfPart(streams[owner], fates_of(owner))
    if owner in streams:
        return OfPart(streams[owner], streams[owner].contributions[contribution])
    return OfEntity(entities[owner], entities[owner].contributions[contribution])
