"""Topics as an independent reader sees them, always read from their beginning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import ConsumerRecord

from kpi.tasks.replay import CommittedFlushes
from schemas.topics import PANES
from schemas.wire import IdleMark, Progress, Record, decode, key_of
from services.runtime.kafka import KafkaConnection
from tests.brokers.reading import committed


class Raw(NamedTuple):
    """A record to be produced: where to, and what. `value` None is a tombstone."""

    topic: str
    partition: int
    value: bytes | None
    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Panes:
    """What counts of the panes topic: the last record of each key, the last progress of each task, every idle mark."""

    records: Sequence[Record]
    progress: Mapping[str, Progress]
    marks: Sequence[IdleMark]

    def fates(self, topic: str) -> dict[int, dict[str, int]]:
        """Counts by fate of each partition of a topic that a task has taken records of."""
        return {
            int(task.rpartition("/")[2]): progress.topics[topic].fates
            for task, progress in self.progress.items()
            if topic in progress.topics
        }

    def settled(self, topic: str) -> int:
        """How many records have ended: all that were consumed, but those that will be read again where they belong."""
        return sum(sum(fates.values()) - fates["rekeyed"] for fates in self.fates(topic).values())


async def read_topic(kafka: KafkaConnection, topic: str, partitions: int) -> list[list[ConsumerRecord]]:
    """All committed records, by partition."""
    found: list[list[ConsumerRecord]] = [[] for _ in range(partitions)]
    async for records in committed(kafka, topic, partitions):
        found[records[0].partition] += records
    return found


async def read_panes(kafka: KafkaConnection, partitions: int, *, transactional: bool) -> Panes:
    """What the panes topic says now."""
    last: dict[bytes, Record] = {}
    for records in await read_topic(kafka, PANES, partitions):
        flushes = CommittedFlushes(transactional=transactional)
        for record in records:
            decoded = decode(record.key, record.value)
            if decoded is not None:
                last.update({key_of(counted): counted for counted in flushes.feed(decoded)})
    kept = list(last.values())
    progress = {record.task: record for record in kept if isinstance(record, Progress)}
    return Panes(kept, progress, [record for record in kept if isinstance(record, IdleMark)])
