"""Writes records to Kafka, those of many requests together: a batch a partition, and the next while it is under way."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from services.ingest.budget import Budget
from services.ingest.link import Link
from services.ingest.outgoing import Outgoing, by_partition

WRITE_SECONDS = 10.0

Header = tuple[str, bytes]


class NotWritten(Exception):
    """Kafka did not confirm the records. Some may be there all the same; sent again under their ids, they count
    once.
    """


class _Write:
    """Records of one request for one partition. `done` holds the last one's offset, once all are confirmed."""

    def __init__(self, records: Sequence[Outgoing], headers: Sequence[Header]) -> None:
        self.records = records
        self.headers = list(headers)
        self.size = sum(record.size for record in records)
        self.taken = 0
        self.confirmed = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def confirm(self, count: int, last_offset: int) -> None:
        self.confirmed += count
        if self.confirmed == len(self.records) and not self.done.done():
            self.done.set_result(last_offset)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class _Lane:
    """The way to one partition; one batch is under way at a time."""

    def __init__(self, link: Link, budget: Budget, topic: str, partition: int) -> None:
        self._link = link
        self._budget = budget
        self._topic = topic
        self._partition = partition
        self._waiting: deque[_Write] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, write: _Write) -> None:
        self._waiting.append(write)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    def give_up(self, write: _Write) -> None:
        """Do not write what is not under way yet of a write that nobody waits for any more."""
        write.done.cancel()
        if write.taken == 0 and write in self._waiting:
            self._waiting.remove(write)
            self._budget.give_back(write.size)

    async def _drain(self) -> None:
        reason = "the service failed"
        try:
            while self._waiting:
                producer = self._link.producer
                if producer is None:
                    reason = "Kafka does not answer"
                    return
                await self._send(producer)
        finally:
            self._fail(self._waiting, NotWritten(reason))
            self._waiting.clear()

    async def _send(self, producer: AIOKafkaProducer) -> None:
        batch = producer.create_batch()
        under_way = self._fill(batch)
        reason = "the service stopped"
        try:
            confirmation = await producer.send_batch(batch, self._topic, partition=self._partition)
            offset = (await confirmation).offset
            reason = ""
        except KafkaError as error:
            self._link.broke()
            reason = f"Kafka refused ({type(error).__name__})"
        finally:
            if reason:
                if self._waiting and self._waiting[0].taken:
                    self._waiting.popleft()
                self._fail([write for write, _ in under_way], NotWritten(reason))
        for write, count in () if reason else under_way:
            offset += count
            write.confirm(count, offset - 1)
            if write.confirmed == len(write.records):
                self._budget.give_back(write.size)

    def _fill(self, batch: BatchBuilder) -> list[tuple[_Write, int]]:
        """Move waiting records into a batch, as many as it takes; the writes that they are of, and how many of each."""
        under_way: list[tuple[_Write, int]] = []
        while self._waiting:
            write = self._waiting[0]
            before = write.taken
            for record in write.records[before:]:
                if batch.append(timestamp=None, key=record.key, value=record.value, headers=write.headers) is None:
                    break
                write.taken += 1
            if write.taken > before:
                under_way.append((write, write.taken - before))
            if write.taken < len(write.records):
                break
            self._waiting.popleft()
        return under_way

    def _fail(self, writes: Iterable[_Write], error: NotWritten) -> None:
        for write in writes:
            write.fail(error)
            self._budget.give_back(write.size)


class Writer:
    """Writes to any partition of any topic, within a budget of bytes that are not confirmed yet."""

    def __init__(self, link: Link, budget: Budget, write_seconds: float = WRITE_SECONDS) -> None:
        self._link = link
        self._budget = budget
        self._write_seconds = write_seconds
        self._lanes: dict[tuple[str, int], _Lane] = {}

    async def write(
        self, topic: str, records: Sequence[Outgoing], headers: Sequence[Header] = ()
    ) -> dict[tuple[str, int], int]:
        """Write records of one topic, and give the last offset by (topic, partition) once all are confirmed.

        Records of one partition keep their order. Raises NotWritten when Kafka is away or does not confirm in time,
        BufferFull when the budget is spent.
        """
        producer = self._link.producer
        if producer is None:
            raise NotWritten("Kafka does not answer")
        try:
            async with asyncio.timeout(self._write_seconds):
                partitions = len(await producer.partitions_for(topic))
                return await self._write(topic, by_partition(records, partitions), headers)
        except TimeoutError:
            raise NotWritten(f"Kafka did not confirm within {self._write_seconds:g} s") from None
        except KafkaError as error:
            raise NotWritten(f"Kafka refused ({type(error).__name__})") from error

    async def _write(
        self, topic: str, chosen: dict[int, list[Outgoing]], headers: Sequence[Header]
    ) -> dict[tuple[str, int], int]:
        writes = {partition: _Write(records, headers) for partition, records in chosen.items()}
        self._budget.take(sum(write.size for write in writes.values()))
        lanes = {partition: self._lane(topic, partition) for partition in writes}
        for partition, write in writes.items():
            lanes[partition].add(write)
        try:
            await asyncio.gather(*(write.done for write in writes.values()))
        finally:
            for partition, write in writes.items():
                if not write.done.done() or write.done.cancelled():
                    lanes[partition].give_up(write)
                else:
                    write.done.exception()
        return {(topic, partition): write.done.result() for partition, write in writes.items()}

    def _lane(self, topic: str, partition: int) -> _Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            lane = self._lanes[topic, partition] = _Lane(self._link, self._budget, topic, partition)
        return lane
