"""What a flush sends, and in which order."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from kpi.tasks.leaving import RekeyedRecord
from kpi.tasks.task import Flush
from kpi.topology import panes_partition
from schemas.topics import PANES, dead_topic, late_topic
from schemas.wire import encode


async def send_packed(producer: AIOKafkaProducer, partition: int, records: Sequence[tuple[bytes, bytes | None]]) -> int:
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


async def send_flush(producer: AIOKafkaProducer, partition: int, flush: Flush, *, tombstones: bool) -> None:
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
    await send_packed(
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
