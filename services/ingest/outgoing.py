"""Accepted events on their way to Kafka: key, value, and the partition that they belong on."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka.partitioner import murmur2

from schemas.streams import Stream

MOST_BYTES = 900 << 10
"""The largest event, in bytes: Kafka's brokers take 1 MiB by default, with what is around it."""
_POSITIVE = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record as it will stand on Kafka. `place` decides its partition, by crc32 where the stream declares that."""

    key: bytes | None
    value: bytes
    place: bytes
    crc32: bool = False

    @property
    def size(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value)

    def partition(self, partitions: int) -> int:
        """Its partition among so many, as Java's and aiokafka's default partitioner, or librdkafka's, choose it."""
        if self.crc32:
            return zlib.crc32(self.place) % partitions
        hashed: int = murmur2(self.place)
        return (hashed & _POSITIVE) % partitions


def outgoing(stream: Stream, event: Mapping[str, Any]) -> Outgoing:
    """The record of an event that the validator gave back.

    Without a key its place follows from its id, or that of the event it corrects or voids: what belongs together, and
    what is sent again, meets on one partition, where it is found.
    """
    value = event.get(stream.key) if stream.key else None
    key = None if value is None else value.encode() if isinstance(value, str) else orjson.dumps(value)
    name = event.get("corrects") or event.get("voids") or event["id"]
    place = f"{event['source']}\0{name}".encode() if key is None else key
    return Outgoing(key, orjson.dumps(event), place, crc32=stream.partitioner == "crc32")


def by_partition(records: Iterable[Outgoing], partitions: int) -> dict[int, list[Outgoing]]:
    """Records by their partition among so many, each in the given order."""
    found: dict[int, list[Outgoing]] = {}
    for record in records:
        found.setdefault(record.partition(partitions), []).append(record)
    return found
