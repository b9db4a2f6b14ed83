"""How far imports are, in a compacted topic: by file digest, target topic and shift."""

from dataclasses import dataclass

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import IMPORTS
from services.runtime.kafka import KafkaConnection

POLL_MILLISECONDS = 500


@dataclass(frozen=True, slots=True)
class ImportKey:
    """One import: a file's digest, the topic it goes to, and the milliseconds added to times."""

    digest: str
    topic: str
    shift: int

    def encode(self) -> bytes:
        """The key of its progress record."""
        return orjson.dumps([self.digest, self.topic, self.shift])


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """Rows that are dealt with, from the first, and how many of them were accepted and rejected."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    done: bool = False

    def encode(self) -> bytes:
        """The value of its progress record."""
        return orjson.dumps(
            {"rows": self.rows, "accepted": self.accepted, "rejected": self.rejected, "done": self.done}
        )


async def read_progress(kafka: KafkaConnection, keys: list[ImportKey]) -> dict[ImportKey, ImportProgress]:
    """Where these imports stand; those that never began are absent. What no transaction committed does not count."""
    wanted = {key.encode(): key for key in keys}
    found: dict[ImportKey, ImportProgress] = {}
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), isolation_level="read_committed", auto_offset_reset="earliest"
    )
    partition = TopicPartition(IMPORTS, 0)
    await consumer.start()
    try:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(partition, timeout_ms=POLL_MILLISECONDS)).values():
                for record in records:
                    if record.key in wanted and record.value is not None:
                        found[wanted[record.key]] = ImportProgress(**orjson.loads(record.value))
    finally:
        await consumer.stop()
    return found
