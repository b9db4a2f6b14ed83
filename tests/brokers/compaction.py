"""Compacted topics that are compacted at once, and waiting until the broker has really done it."""

from collections import Counter
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.runtime.kafka import KafkaConnection
from tests.brokers.reading import committed
from tests.brokers.waiting import run, until

EAGERLY = {
    "cleanup.policy": "compact",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": str(64 << 20),
    "segment.ms": "200",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "30000",
}
"""As little as possible is kept of such a topic: what must not count may not replace what does.

Half a minute is more than a reader needs from a record to the tombstone that takes it back.
"""
QUICK_CLEANER = {"log.cleaner.backoff.ms": "200"}
"""For the node: it looks for work five times a second, not every 15 seconds."""
COMPACTED_SECONDS = 180.0
"""Nothing after the open transaction of a worker that was killed is compacted before the broker ends it."""


def create_eagerly_compacted(kafka: KafkaConnection, topic: str, partitions: int, replication: int = 1) -> None:
    """Creates a topic of which as little as possible is kept."""

    async def create() -> None:
        admin = AIOKafkaAdminClient(**kafka.client_options())
        await admin.start()
        try:
            await admin.create_topics([NewTopic(topic, partitions, replication, topic_configs=EAGERLY)])
        finally:
            await admin.close()

    run(create())


def until_compacted(kafka: KafkaConnection, topic: str, partitions: int, filler: bytes) -> tuple[int, int]:
    """Returns once no committed record of the topic is followed by another of its key: (records before, after).

    Nobody else may write meanwhile. `filler`: a key whose tombstones the topic's readers pass over; they begin new
    segments, since the one that is written to is never compacted.
    """
    before = sum(sum(counts.values()) for counts in run(_keys(kafka, topic, partitions, filler)))
    seen: list[Sequence[Counter[bytes]]] = []

    def compacted() -> bool:
        run(_roll(kafka, topic, partitions, filler))
        seen.append(run(_keys(kafka, topic, partitions, filler)))
        return all(count == 1 for counts in seen[-1] for count in counts.values())

    until(compacted, COMPACTED_SECONDS, f"{topic} compacted", interval=0.5)
    return before, sum(map(len, seen[-1]))


async def _roll(kafka: KafkaConnection, topic: str, partitions: int, filler: bytes) -> None:
    producer = AIOKafkaProducer(**kafka.client_options(), acks="all")
    await producer.start()
    try:
        for partition in range(partitions):
            await producer.send_and_wait(topic, None, filler, partition)
    finally:
        await producer.stop()


async def _keys(kafka: KafkaConnection, topic: str, partitions: int, filler: bytes) -> Sequence[Counter[bytes]]:
    """How many records of each key there are, by partition."""
    found: list[Counter[bytes]] = [Counter() for _ in range(partitions)]
    async for records in committed(kafka, topic, partitions):
        found[records[0].partition].update(record.key for record in records if record.key != filler)
    return found
