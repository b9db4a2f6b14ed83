"""Writing a flush: one transaction a task where the broker has them, else one run of records with the progress last."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from kpi.tasks.leaving import RekeyedRecord
from kpi.tasks.task import Flush
from kpi.topology import panes_partition
from schemas.topics import PANES, dead_topic, late_topic
from schemas.wire import Claim, encode
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, make_producer

START_TIMEOUT = 30.0
WRITE_TIMEOUT = 60.0
STOP_TIMEOUT = 10.0


class FlushWriter(Protocol):
    """Writes for one task.

    Any error means that the outcome is unknown: drop the task's state and take it over again.
    """

    async def claim(self, claim: Claim) -> int:
        """Shuts out every earlier owner, as far as the broker can, and writes the claim; its offset."""

    async def write(self, flush: Flush) -> None:
        """Writes a flush and waits until all of it is confirmed."""

    async def close(self) -> None:
        """Lets go of the connection."""


async def _send_packed(
    producer: AIOKafkaProducer, partition: int, records: Sequence[tuple[bytes, bytes | None]]
) -> int:
    """Sends to one panes partition, in order, in as few record batches as fit; the offset of the last record."""
    confirmations = []
    batch, waiting = producer.create_batch(), list(reversed(records))
    while waiting:
        key, value = waiting[-1]
        if batch.append(key=key, value=value, timestamp=None) is None:
            if batch.record_count() == 0:
                confirmations.append(await producer.send(PANES, value, key, partition))
                waiting.pop()
                continue
            batch.close()
            confirmations.append(await producer.send_batch(batch, PANES, partition=partition))
            batch = producer.create_batch()
        else:
            waiting.pop()
    count: int = batch.record_count()
    if count:
        batch.close()
        confirmations.append(await producer.send_batch(batch, PANES, partition=partition))
    sent = await asyncio.gather(*confirmations)
    last: int = sent[-1].offset
    return last + max(count - 1, 0)


async def _send_flush(producer: AIOKafkaProducer, partition: int, flush: Flush, *, tombstones: bool) -> None:
    """Leaving records first, panes after, progress last of them; then the marks, which say what the progress says.

    The client keeps the order of what it sends to one partition.
    """
    leaving = []
    for dead in flush.dead:
        headers = [
            ("kpi-topic", dead.topic.encode()),
            ("kpi-partition", str(dead.partition).encode()),
            ("kpi-offset", str(dead.offset).encode()),
            ("kpi-reason", dead.reason.encode()),
            ("kpi-pointer", dead.pointer.encode()),
        ]
        # The client refuses a record that has neither key nor value.
        key = b"" if dead.raw is None else None
        leaving.append(await producer.send(dead_topic(dead.stream), dead.raw, key, headers=headers))
    for late in flush.late:
        headers = [
            ("kpi-topic", late.topic.encode()),
            ("kpi-partition", str(late.partition).encode()),
            ("kpi-offset", str(late.offset).encode()),
            ("kpi-lateness-ms", str(late.lateness).encode()),
        ]
        leaving.append(await producer.send(late_topic(late.stream), late.raw, headers=headers))
    leaving += [
        await producer.send(moved.topic, moved.raw, moved.key.encode(), moved.partition) for moved in flush.moved
    ]
    leaving += await _sent(producer, flush.rekeyed)
    await asyncio.gather(*leaving)
    await _send_packed(
        producer, panes_partition(partition), [encode(record, tombstones=tombstones) for record in flush.records]
    )
    await asyncio.gather(*await _sent(producer, flush.marks))


async def _sent(producer: AIOKafkaProducer, records: Sequence[RekeyedRecord]) -> list[asyncio.Future[RecordMetadata]]:
    return [
        await producer.send(
            record.topic, record.value, None if record.key is None else record.key.encode(), record.partition
        )
        for record in records
    ]


async def _stopped(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await producer.stop()
    except TimeoutError:
        return


class TransactionalWriter:
    """A producer whose transactional id is the task's, so that its start fences every earlier owner at the broker."""

    def __init__(self, kafka: KafkaConnection, broker: BrokerCapabilities, task: str, partition: int) -> None:
        self._producer = make_producer(kafka, broker, transactional_id=f"kpi-aggregator-{task}")
        self._partition = partition

    async def claim(self, claim: Claim) -> int:
        """See `FlushWriter`."""
        async with asyncio.timeout(START_TIMEOUT):
            await self._producer.start()
        async with asyncio.timeout(WRITE_TIMEOUT):
            await self._producer.begin_transaction()
            offset = await _send_packed(self._producer, panes_partition(self._partition), [encode(claim)])
            await self._producer.commit_transaction()
        return offset

    async def write(self, flush: Flush) -> None:
        """See `FlushWriter`."""
        async with asyncio.timeout(WRITE_TIMEOUT):
            await self._producer.begin_transaction()
            await _send_flush(self._producer, self._partition, flush, tombstones=True)
            await self._producer.commit_transaction()

    async def close(self) -> None:
        """See `FlushWriter`."""
        await _stopped(self._producer)


class PlainWriter:
    """Without transactions: readers ignore what no progress record of the latest claimed incarnation follows."""

    def __init__(self, producer: AIOKafkaProducer, partition: int) -> None:
        self._producer, self._partition = producer, partition

    async def claim(self, claim: Claim) -> int:
        """See `FlushWriter`."""
        async with asyncio.timeout(WRITE_TIMEOUT):
            return await _send_packed(self._producer, panes_partition(self._partition), [encode(claim)])

    async def write(self, flush: Flush) -> None:
        """See `FlushWriter`."""
        async with asyncio.timeout(WRITE_TIMEOUT):
            await _send_flush(self._producer, self._partition, flush, tombstones=False)

    async def close(self) -> None:
        """The producer is shared by all tasks, and stays."""


class WriterFactory:
    """Makes the writers of one worker."""

    def __init__(self, kafka: KafkaConnection, broker: BrokerCapabilities) -> None:
        self._kafka, self.broker = kafka, broker
        self._shared: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connects the producer that tasks share where the broker has no transactions."""
        if not self.broker.transactions:
            self._shared = make_producer(self._kafka, self.broker)
            await self._shared.start()

    async def stop(self) -> None:
        """Lets go of the shared producer."""
        if self._shared is not None:
            await _stopped(self._shared)

    def writer(self, task: str, partition: int) -> FlushWriter:
        """A writer for one task."""
        if self._shared is not None:
            return PlainWriter(self._shared, partition)
        return TransactionalWriter(self._kafka, self.broker, task, partition)
