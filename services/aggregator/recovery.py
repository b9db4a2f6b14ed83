"""Reading back the state of tasks from the panes topic, and the ids of their horizon from the sources."""

from collections.abc import Collection, Mapping

import numpy as np
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.source import RawBatch, StreamSource
from kpi.tasks.task import Task
from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import IdleMark, Record, decode, key_of
from services.runtime.kafka import BrokerCapabilities, KafkaConnection

POLL_MS = 1000
PROBE_MS = 100
FETCH_BYTES = 8 << 20


def _consumer(kafka: KafkaConnection) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=8 * FETCH_BYTES,
    )


class _TaskLog:
    """The settled records of one task, the last of each key."""

    def __init__(self, *, transactional: bool) -> None:
        self._flushes = CommittedFlushes(transactional=transactional)
        self.records: dict[bytes, Record] = {}

    def feed(self, key: bytes, value: bytes | None) -> None:
        record = decode(key, value)
        if record is None or isinstance(record, IdleMark):
            return
        self.records.update({key_of(counted): counted for counted in self._flushes.feed(record)})


async def read_back(
    kafka: KafkaConnection, broker: BrokerCapabilities, partition: int, claims: Mapping[str, int]
) -> dict[str, list[Record]]:
    """What the log holds for each task of `claims` (task -> offset of its own claim), read once for all of them.

    All tasks lie on the same panes partition, `panes_partition(partition)`. Reading up to one's own claim needs no
    end offsets, and ends right after compaction, control records and aborted transactions.
    """
    logs = {task: _TaskLog(transactional=broker.transactions) for task in claims}
    target = max(claims.values())
    consumer = _consumer(kafka)
    await consumer.start()
    try:
        panes = TopicPartition(PANES, panes_partition(partition))
        consumer.assign([panes])
        await consumer.seek_to_beginning(panes)
        last = -1
        while last < target:
            fetched: list[ConsumerRecord] = (await consumer.getmany(panes, timeout_ms=POLL_MS)).get(panes, [])
            for message in fetched:
                last = message.offset
                task = orjson.loads(message.key)[1].removesuffix("/history")
                if task in logs and message.offset <= claims[task]:
                    logs[task].feed(message.key, message.value)
    finally:
        await consumer.stop()
    return {task: list(log.records.values()) for task, log in logs.items()}


async def rebuild_identifiers(kafka: KafkaConnection, task: Task, topics: Collection[str]) -> None:
    """Reads again the part of each of these topics that the task's horizon of ids covers.

    Of re-keyed ones it keeps none: the duplicates are gone where they come from.
    """
    found = ((topic, task.sources[topic]) for topic in topics)
    wanted = {topic: source for topic, source in found if isinstance(source, StreamSource) and source.position > 0}
    if not wanted:
        return
    consumer = _consumer(kafka)
    await consumer.start()
    try:
        for topic, source in wanted.items():
            place = TopicPartition(topic, task.partition)
            consumer.assign([place])
            ends = await consumer.end_offsets([place])
            position, end = source.seen.rebuild_from(source.position), min(source.position, ends[place])
            consumer.seek(place, position)
            while position < end:
                fetched = (await consumer.getmany(place, timeout_ms=POLL_MS)).get(place, [])
                if fetched:
                    task.remember(topic, _batch(fetched).before(source.position))
                    position = fetched[-1].offset + 1
                elif await consumer.position(place) >= end:
                    break
    finally:
        await consumer.stop()


async def holds_records(kafka: KafkaConnection, topic: str, partition: int, start: int, stop: int) -> bool:
    """Whether a source holds a record from `start` up to `stop`.

    Markers of transactions are none, nor is what they gave up, or what retention or compaction removed.
    """
    consumer = _consumer(kafka)
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        consumer.seek(place, start)
        while True:
            fetched = (await consumer.getmany(place, timeout_ms=PROBE_MS)).get(place, [])
            if fetched:
                first: int = fetched[0].offset
                return first < stop
            if await consumer.position(place) >= stop:
                return False
    finally:
        await consumer.stop()


def _batch(messages: list[ConsumerRecord]) -> RawBatch:
    offsets = np.fromiter((message.offset for message in messages), np.int64, len(messages))
    return RawBatch([message.value for message in messages], offsets, [message.timestamp for message in messages])
