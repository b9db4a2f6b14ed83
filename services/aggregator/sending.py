"""What a flush sends, and in which order."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation
from aiokafka.structs import RecordMetadata

from kpi.tasks.leaving import DeadLetter, LateRecord, RekeyedRecord
from kpi.tasks.task import Flush
from kpi.topology import panes_partition
from schemas.topics import PANES, dead_topic, late_topic
from schemas.wire import encode


class _Confirmations:
    """What the broker is still to say of what was sent.

    The client keeps the order of what it sends to one partition.
    """

    def __init__(self) -> None:
        self._awaited: list[asyncio.Future[RecordMetadata]] = []

    async def add(self, sending: Awaitable[asyncio.Future[RecordMetadata]]) -> None:
        """Sends one more. Raises what ended the transaction, where an earlier one has failed."""
        try:
            confirmation = await sending
        except IllegalOperation as refused:
            # Once its transaction has failed, the client takes nothing more, and says no reason.
            failed = (each.exception() for each in self._awaited if each.done() and not each.cancelled())
            raise next(filter(None, failed), refused) from None
        # Nobody asks for it any more where another one fails first.
        confirmation.add_done_callback(_look_at)
        self._awaited.append(confirmation)

    async def all(self) -> list[RecordMetadata]:
        """What was said of each, in the order of sending."""
        return await asyncio.gather(*self._awaited)


def _look_at(confirmation: asyncio.Future[RecordMetadata]) -> None:
    if not confirmation.cancelled():
        confirmation.exception()


async def send_packed(producer: AIOKafkaProducer, partition: int, records: Sequence[tuple[bytes, bytes | None]]) -> int:
    """Sends to one panes partition, in order, in as few record batches as fit; the offset of the last record."""
    confirmations = _Confirmations()
    batch, waiting = producer.create_batch(), list(reversed(records))
    while waiting:
        key, value = waiting[-1]
        if batch.append(key=key, value=value, timestamp=None) is None:
            if batch.record_count() == 0:
                await confirmations.add(producer.send(PANES, value, key, partition))
                waiting.pop()
                continue
            batch.close()
            await confirmations.add(producer.send_batch(batch, PANES, partition=partition))
            batch = producer.create_batch()
        else:
            waiting.pop()
    count: int = batch.record_count()
    if count:
        batch.close()
        await confirmations.add(producer.send_batch(batch, PANES, partition=partition))
    last: int = (await confirmations.all())[-1].offset
    return last + max(count - 1, 0)


async def send_flush(producer: AIOKafkaProducer, partition: int, flush: Flush, *, tombstones: bool) -> None:
    """Leaving records first, panes after, progress last of them; then the marks, which say what the progress says."""
    leaving = _Confirmations()
    for dead in flush.dead:
        # The client refuses a record that has neither key nor value.
        key = b"" if dead.raw is None else None
        await leaving.add(producer.send(dead_topic(dead.stream), dead.raw, key, headers=_why(dead)))
    for late in flush.late:
        await leaving.add(producer.send(late_topic(late.stream), late.raw, headers=_how_late(late)))
    for moved in flush.moved:
        await leaving.add(producer.send(moved.topic, moved.raw, moved.key.encode(), moved.partition))
    await _send_rekeyed(producer, flush.rekeyed, leaving)
    await leaving.all()
    await send_packed(
        producer, panes_partition(partition), [encode(record, tombstones=tombstones) for record in flush.records]
    )
    marks = _Confirmations()
    await _send_rekeyed(producer, flush.marks, marks)
    await marks.all()


async def _send_rekeyed(
    producer: AIOKafkaProducer, records: Iterable[RekeyedRecord], confirmations: _Confirmations
) -> None:
    for record in records:
        key = None if record.key is None else record.key.encode()
        await confirmations.add(producer.send(record.topic, record.value, key, record.partition))


def _place(record: DeadLetter | LateRecord) -> list[tuple[str, bytes]]:
    return [
        ("kpi-topic", record.topic.encode()),
        ("kpi-partition", str(record.partition).encode()),
        ("kpi-offset", str(record.offset).encode()),
    ]


def _why(dead: DeadLetter) -> list[tuple[str, bytes]]:
    return [*_place(dead), ("kpi-reason", dead.reason.encode()), ("kpi-pointer", dead.pointer.encode())]


def _how_late(late: LateRecord) -> list[tuple[str, bytes]]:
    return [*_place(late), ("kpi-lateness-ms", str(late.lateness).encode())]
