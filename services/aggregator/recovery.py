"""Reading back the state of tasks from the panes topic, and the ids of their horizon from the sources."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

import orjson
from aiokafka import ConsumerRecord, TopicPartition

from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.source import StreamSource
from kpi.tasks.task import Task
from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import Claim, IdleMark, Record, Rows, decode, key_of
from services.aggregator.fetching import batch_of, reader
from services.runtime.kafka import BrokerCapabilities, KafkaConnection

POLL_MS = 1000
PEEK_OFFSETS = 2_000
HISTORY = "/history"
_CLAIM, _ROWS, _NO_STATE = b'["c",', b'["r",', (b'["c",', b'["m",')


class Logged(NamedTuple):
    """What the log holds for a task: the last record of each key, and the rows of panes, those of one group and grain
    together, each decoded when it is asked for, once.
    """

    records: list[Record]
    rows: Iterator[Rows]


class _TaskLog(Protocol):
    """What the log holds for one task, as it is read in order."""

    def feed(self, key: bytes, value: bytes | None) -> None:
        """The next record of the task."""

    def records(self) -> Logged:
        """What counts."""


class _CommittedLog:
    """With transactions, all that is read counts. What is superseded is not decoded."""

    def __init__(self) -> None:
        self._last: dict[bytes, bytes] = {}

    def feed(self, key: bytes, value: bytes | None) -> None:
        """See `_TaskLog`."""
        if value is None:
            self._last.pop(key, None)
        elif not key.startswith(_NO_STATE):
            self._last[key] = value

    def records(self) -> Logged:
        """See `_TaskLog`."""
        others = [key for key in self._last if not key.startswith(_ROWS)]
        found = [decode(key, self._last.pop(key)) for key in others]
        return Logged([record for record in found if record is not None], self._rows())

    def _rows(self) -> Iterator[Rows]:
        # A key names the group, then the grain.
        for key in sorted(self._last):
            record = decode(key, self._last.pop(key))
            if isinstance(record, Rows):
                yield record


class _UncommittedLog:
    """Without transactions, whose record it is decides whether it counts."""

    def __init__(self) -> None:
        self._flushes = CommittedFlushes(transactional=False)
        self._last: dict[bytes, Record] = {}

    def feed(self, key: bytes, value: bytes | None) -> None:
        """See `_TaskLog`."""
        record = decode(key, value)
        if record is not None and not isinstance(record, IdleMark):
            self._last.update({key_of(counted): counted for counted in self._flushes.feed(record)})

    def records(self) -> Logged:
        """See `_TaskLog`."""
        return Logged(list(self._last.values()), iter(()))


def _task_of(key: bytes) -> bytes:
    # Of all that other tasks wrote, this is all that is looked at.
    return key.split(b'"', 4)[3]


async def read_back(
    kafka: KafkaConnection, broker: BrokerCapabilities, partition: int, claims: Mapping[str, int]
) -> dict[str, Logged]:
    """What the log holds for each task of `claims` (task -> offset of its own claim), read once for all of them.

    All tasks lie on the same panes partition, `panes_partition(partition)`. Reading up to one's own claim needs no
    end offsets, and ends right after compaction, control records and aborted transactions.
    Raises UnknownEncoding where a record of one of these tasks cannot be read.
    """
    logs: dict[str, _TaskLog] = {task: _CommittedLog() if broker.transactions else _UncommittedLog() for task in claims}
    wanted = {
        orjson.dumps(task + kind)[1:-1]: (logs[task], claim) for task, claim in claims.items() for kind in ("", HISTORY)
    }
    target = max(claims.values())
    consumer = reader(kafka)
    try:
        await consumer.start()
        panes = TopicPartition(PANES, panes_partition(partition))
        consumer.assign([panes])
        await consumer.seek_to_beginning(panes)
        last = -1
        while last < target:
            fetched: list[ConsumerRecord] = (await consumer.getmany(panes, timeout_ms=POLL_MS)).get(panes, [])
            for message in fetched:
                last = message.offset
                found = wanted.get(_task_of(message.key))
                if found is not None and last <= found[1]:
                    found[0].feed(message.key, message.value)
    finally:
        await consumer.stop()
    # Beside the loop, on which other tasks are counting.
    return {task: await asyncio.to_thread(log.records) for task, log in logs.items()}


async def latest_claim(kafka: KafkaConnection, task: str, partition: int) -> Claim | None:
    """The last claim of a task among the last records of its panes partition, committed or not; None: none is there."""
    wanted = orjson.dumps(task)[1:-1]
    consumer = reader(kafka, "read_uncommitted")
    try:
        await consumer.start()
        panes = TopicPartition(PANES, panes_partition(partition))
        consumer.assign([panes])
        end = (await consumer.end_offsets([panes]))[panes]
        consumer.seek(panes, max(0, end - PEEK_OFFSETS))
        found: Record | None = None
        while await consumer.position(panes) < end:
            for message in (await consumer.getmany(panes, timeout_ms=POLL_MS)).get(panes, []):
                if message.key.startswith(_CLAIM) and _task_of(message.key) == wanted:
                    found = decode(message.key, message.value)
        return found if isinstance(found, Claim) else None
    finally:
        await consumer.stop()


async def rebuild_identifiers(kafka: KafkaConnection, task: Task, topics: Collection[str]) -> None:
    """Reads again the part of each of these topics that the task's horizon of ids covers.

    Of re-keyed ones it keeps none: the duplicates are gone where they come from.
    """
    found = ((topic, task.sources[topic]) for topic in topics)
    wanted = {topic: source for topic, source in found if isinstance(source, StreamSource) and source.position > 0}
    if not wanted:
        return
    consumer = reader(kafka)
    try:
        await consumer.start()
        for topic, source in wanted.items():
            place = TopicPartition(topic, task.partition)
            consumer.assign([place])
            ends = await consumer.end_offsets([place])
            position, end = source.seen.rebuild_from(source.position), min(source.position, ends[place])
            consumer.seek(place, position)
            while position < end:
                fetched = (await consumer.getmany(place, timeout_ms=POLL_MS)).get(place, [])
                if fetched:
                    task.remember(topic, batch_of(fetched).before(source.position))
                # Behind markers, too, of which nothing comes.
                position = await consumer.position(place)
    finally:
        await consumer.stop()
