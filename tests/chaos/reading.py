"""Topics as an independent reader sees them: what is committed, from the beginning, and the last of each key."""

import asyncio
import threading
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from schemas.wire import Base, Claim, EntityBlock, IdleMark, Progress, Record, Rows, decode
from services.runtime.kafka import KafkaConnection
from tests.brokers.reading import committed
from tests.brokers.waiting import run
from tests.chaos.judging import Logged

POLL_MS = 200
RETRY_SECONDS = 1.0
FETCH_BYTES = 4 << 20


def _consumer(kafka: KafkaConnection) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
    )


def read_log(kafka: KafkaConnection, topic: str, partitions: int) -> list[list[Logged]]:
    """A source topic, by partition."""

    async def read() -> list[list[Logged]]:
        logs: list[list[Logged]] = [[] for _ in range(partitions)]
        async for records in committed(kafka, topic, partitions, patient=True):
            logs[records[0].partition] += [Logged(each.offset, each.timestamp, each.value) for each in records]
        return logs

    return run(read())


def read_origins(kafka: KafkaConnection, topic: str) -> list[tuple[str, int, int]]:
    """(topic, partition, offset) that each record of a dead or late topic says it is of, in order."""

    async def read() -> list[tuple[str, int, int]]:
        found = []
        async for records in committed(kafka, topic, 1, patient=True):
            for record in records:
                said = dict(record.headers)
                found.append(
                    (said["kpi-topic"].decode(), int(said["kpi-partition"]), int(said["kpi-offset"])),
                )
        return sorted(found)

    return run(read())


@dataclass(slots=True)
class Panes:
    """What the panes topic says: the last of each key. `records`, `bytes`: how much was read."""

    rows: list[Rows | Base] = field(default_factory=list)
    progress: dict[str, Progress] = field(default_factory=dict)
    marks: list[IdleMark] = field(default_factory=list)
    blocks: list[EntityBlock] = field(default_factory=list)
    records: int = 0
    bytes: int = 0


def read_panes(kafka: KafkaConnection) -> Panes:
    """The panes topic, read afresh. On a broker with transactions, what is committed counts, the last of each key."""

    async def read() -> Panes:
        panes, last = Panes(), dict[bytes, bytes | None]()
        async for records in committed(kafka, PANES, PANES_PARTITIONS, patient=True):
            for record in records:
                last[record.key] = record.value
                panes.bytes += len(record.key) + len(record.value or b"")
            panes.records += len(records)
        for key, value in last.items():
            if value is not None:
                _keep(panes, decode(key, value))
        return panes

    return run(read())


def _keep(panes: Panes, record: Record | None) -> None:
    if isinstance(record, Rows | Base):
        panes.rows.append(record)
    elif isinstance(record, Progress):
        panes.progress[record.task] = record
    elif isinstance(record, IdleMark):
        panes.marks.append(record)
    elif isinstance(record, EntityBlock):
        panes.blocks.append(record)


class Follower:
    """Follows the panes topic in a thread of its own, for as long as a run lasts: how far each task has come.

    `progress`: by task, the last that was committed. `flushes`, `claims`: how many there were.
    """

    def __init__(self, kafka: KafkaConnection) -> None:
        self._kafka = kafka
        self.progress: dict[str, Progress] = {}
        self.flushes = self.claims = 0
        self._going = True
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), daemon=True)

    def start(self) -> None:
        """Begins at the beginning."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._going = False
        self._thread.join()

    def settled(self, topic: str) -> int:
        """How many records of a topic have ended: all that were consumed, but those that are read again elsewhere."""
        standings = [progress.topics[topic] for progress in self.progress.values() if topic in progress.topics]
        return sum(sum(standing.fates.values()) - standing.fates["rekeyed"] for standing in standings)

    async def _follow(self) -> None:
        while self._going:
            consumer = _consumer(self._kafka)
            try:
                await consumer.start()
                consumer.assign([TopicPartition(PANES, number) for number in range(PANES_PARTITIONS)])
                await consumer.seek_to_beginning()
                self.flushes = self.claims = 0
                while self._going:
                    for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                        self._take(records)
            except KafkaError:
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                await consumer.stop()

    def _take(self, records: list[ConsumerRecord]) -> None:
        for record in records:
            if record.value is None or record.key[2:3] not in (b"p", b"c"):
                continue
            said = decode(record.key, record.value)
            if isinstance(said, Progress):
                self.progress[said.task] = said
                self.flushes += 1
            elif isinstance(said, Claim):
                self.claims += 1
