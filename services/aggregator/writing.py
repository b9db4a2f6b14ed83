"""Writing a flush: one transaction a task where the broker has them, else one run of records with the progress last."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from kpi.tasks.task import Flush
from kpi.topology import panes_partition
from schemas.wire import Claim, encode
from services.aggregator.claims import LatestClaims
from services.aggregator.sending import send_flush, send_packed
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, make_producer

log = structlog.get_logger(__name__)

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

    async def end(self, places: Collection[TopicPartition]) -> None:
        """Ends once more, in these partitions, what was written before."""

    async def close(self) -> None:
        """Lets go of the connection."""


class PreparedWriter(FlushWriter, Protocol):
    """Writes in two steps, so that the flushes of several tasks can be made ready before the first of them counts."""

    async def renew(self, claim: Claim) -> int:
        """Writes the claim again, with other words; its offset."""

    async def prepare(self, flush: Flush) -> None:
        """Sends a flush, as far as it can be sent without counting."""

    async def commit(self) -> None:
        """Makes it count, and waits until that is confirmed."""

    async def abort(self) -> None:
        """Gives it up."""


async def _stopped(producer: AIOKafkaProducer) -> None:
    # Cut off, it would never close its connections: while no broker answers it goes on, until what it holds expires.
    stopping = asyncio.ensure_future(_stop(producer))
    await asyncio.wait({stopping}, timeout=STOP_TIMEOUT)


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await producer.stop()
    except Exception as error:  # noqa: BLE001 (whatever the client says of its end, its connections close)
        log.debug("a producer did not stop in order", error=repr(error))
        await producer.client.close()


class TransactionalWriter:
    """A producer whose transactional id is the task's, so that its start fences every earlier owner at the broker.

    `seconds`: how long one write may take, and how long its transaction may stay open.
    """

    def __init__(
        self,
        kafka: KafkaConnection,
        broker: BrokerCapabilities,
        task: str,
        partition: int,
        seconds: float = WRITE_TIMEOUT,
    ) -> None:
        self._producer = make_producer(
            kafka, broker, transactional_id=f"kpi-aggregator-{task}", transaction_timeout=seconds
        )
        self._partition, self._seconds = partition, seconds
        self._limit: asyncio.Timeout | None = None

    async def claim(self, claim: Claim) -> int:
        """See `FlushWriter`.

        First in a transaction that is given up. A broker that has just started may end the one of an earlier owner
        without a word to some partitions (Kafka 4.3.1 was seen to); what that left open in the panes topic would count
        from our first commit on.
        """
        async with asyncio.timeout(START_TIMEOUT):
            await self._producer.start()
        async with self._limited():
            await self._send_claim(claim)
            await self._producer.abort_transaction()
        return await self.renew(claim)

    async def renew(self, claim: Claim) -> int:
        """See `PreparedWriter`."""
        async with self._limited():
            offset = await self._send_claim(claim)
            await self._producer.commit_transaction()
        return offset

    async def _send_claim(self, claim: Claim) -> int:
        await self._producer.begin_transaction()
        return await send_packed(self._producer, panes_partition(self._partition), [encode(claim)])

    async def write(self, flush: Flush) -> None:
        """See `FlushWriter`."""
        await self.prepare(flush)
        await self.commit()

    async def end(self, places: Collection[TopicPartition]) -> None:
        """See `FlushWriter`: by a transaction that writes nothing, and is committed, as all were that were not
        followed by a new claim.
        """
        async with self._limited():
            await self._producer.begin_transaction()
            for place in places:
                # The client has no word for a partition to which nothing is sent.
                self._producer._txn_manager.maybe_add_partition_to_txn(place)  # noqa: SLF001
            await self._producer.commit_transaction()

    async def prepare(self, flush: Flush) -> None:
        """See `PreparedWriter`."""
        async with self._limited():
            await self._producer.begin_transaction()
            await send_flush(self._producer, self._partition, flush, tombstones=True)

    async def commit(self) -> None:
        """See `PreparedWriter`."""
        async with self._limited():
            await self._producer.commit_transaction()

    async def abort(self) -> None:
        """See `PreparedWriter`."""
        async with self._limited():
            await self._producer.abort_transaction()

    async def close(self) -> None:
        """See `FlushWriter`. What is still under way fails with TimeoutError: a closed client answers nothing more."""
        await _stopped(self._producer)
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        async with asyncio.timeout(self._seconds) as limit:
            self._limit = limit
            try:
                yield
            finally:
                self._limit = None


class PlainWriter:
    """Without transactions: readers ignore what no progress record of the latest claimed incarnation follows.

    `claims` tells when somebody else claims the task, whom nothing here shuts out.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        claims: LatestClaims,
        task: str,
        partition: int,
        seconds: float = WRITE_TIMEOUT,
    ) -> None:
        self._producer, self._claims, self._task, self._partition = producer, claims, task, partition
        self._seconds = seconds
        self._claimed = -1
        self._prepared: Flush | None = None

    async def claim(self, claim: Claim) -> int:
        """See `FlushWriter`."""
        return await self.renew(claim)

    async def renew(self, claim: Claim) -> int:
        """See `PreparedWriter`."""
        async with asyncio.timeout(self._seconds):
            self._claimed = await send_packed(self._producer, panes_partition(self._partition), [encode(claim)])
        return self._claimed

    async def write(self, flush: Flush) -> None:
        """See `FlushWriter`. Raises ProducerFenced where the task is known to be somebody else's by now."""
        await self.prepare(flush)
        await self.commit()

    async def end(self, places: Collection[TopicPartition]) -> None:
        """There is nothing to end."""

    async def prepare(self, flush: Flush) -> None:
        """See `PreparedWriter`: nothing can be sent ahead."""
        self._prepared = flush

    async def commit(self) -> None:
        """See `PreparedWriter`."""
        if self._claims.offset(self._task) > self._claimed:
            raise ProducerFenced
        flush, self._prepared = self._prepared, None
        if flush is not None:
            async with asyncio.timeout(self._seconds):
                await send_flush(self._producer, self._partition, flush, tombstones=False)

    async def abort(self) -> None:
        """See `PreparedWriter`."""
        self._prepared = None

    async def close(self) -> None:
        """The producer is shared by all tasks, and stays."""


class WriterFactory:
    """Makes the writers of one process. `seconds`: how long one write may take."""

    def __init__(self, kafka: KafkaConnection, broker: BrokerCapabilities, seconds: float = WRITE_TIMEOUT) -> None:
        self._kafka, self.broker, self._seconds = kafka, broker, seconds
        self._shared: AIOKafkaProducer | None = None
        self._claims = LatestClaims(kafka)

    async def start(self) -> None:
        """Connects the producer that tasks share where the broker has no transactions."""
        if not self.broker.transactions:
            self._shared = make_producer(self._kafka, self.broker)
            await self._shared.start()
            await self._claims.start()

    async def stop(self) -> None:
        """Lets go of the shared producer."""
        if self._shared is not None:
            await self._claims.stop()
            await _stopped(self._shared)

    def writer(self, task: str, partition: int) -> PreparedWriter:
        """A writer for one task."""
        if self._shared is not None:
            return PlainWriter(self._shared, self._claims, task, partition, self._seconds)
        return TransactionalWriter(self._kafka, self.broker, task, partition, self._seconds)
