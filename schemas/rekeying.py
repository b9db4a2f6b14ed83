"""The records of the re-keyed topics, and their encoding.

A value is one version byte and a JSON array on a line of its own that says where the record comes from; after it, the
raw bytes of the record as they lie there. `["sales.lead.v1", 2, 17, 1767225600000, 1767222000000]` is the copy of the
record at offset 17 of partition 2, appended there and then, and judged by that horizon (null: by none). The Kafka key
of a copy is the value of the field. `["sales.lead.v1", 2, 1767225600000]`, with nothing after it and without a key, is
a mark: all copies of that partition before it have been written, and the partition's watermark stood there.
"""

from dataclasses import dataclass

import orjson

from schemas.wire import UnknownEncoding

VERSION = b"\x01"


class Unreadable(Exception):
    """A record of a re-keyed topic that this service did not write."""


@dataclass(frozen=True, slots=True)
class Copied:
    """An accepted record. Where it lies: topic, partition, offset; `appended`: when it was, epoch milliseconds.

    `horizon`: the time before which its partition accepted nothing any more; None: it has no such time.
    """

    topic: str
    partition: int
    offset: int
    appended: int
    horizon: int | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a topic partition has come, after everything that it accepted so far. Epoch milliseconds."""

    topic: str
    partition: int
    watermark: int


def encode(record: Copied | Mark) -> bytes:
    """The value of a record."""
    if isinstance(record, Mark):
        return VERSION + orjson.dumps([record.topic, record.partition, record.watermark])
    place = [record.topic, record.partition, record.offset, record.appended, record.horizon]
    return b"%b%b\n%b" % (VERSION, orjson.dumps(place), record.raw)


def decode(value: bytes | None) -> Copied | Mark:
    """The record of a value. Raises UnknownEncoding where a later version wrote it, Unreadable for anything else."""
    if not value:
        raise Unreadable("a record without a value")
    head, _, raw = value[1:].partition(b"\n")
    try:
        place = orjson.loads(head)
    except orjson.JSONDecodeError:
        place = None
    if value[:1] != VERSION:
        if isinstance(place, list):
            raise UnknownEncoding(
                f"encoding {value[0]} in a re-keyed topic is not known (this is {VERSION[0]}): upgrade the service"
            )
        raise Unreadable("not a copy of a record")
    match place:
        case [str(topic), int(partition), int(offset), int(appended), int() | None as horizon]:
            return Copied(topic, partition, offset, appended, horizon, raw)
        case [str(topic), int(partition), int(watermark)]:
            return Mark(topic, partition, watermark)
    raise Unreadable("not a copy of a record")
