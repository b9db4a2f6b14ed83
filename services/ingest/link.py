"""The connection to Kafka while the service runs: made when the broker is there, watched, and made anew when broken."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.topics import TopicSpec
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, KafkaUnavailable, capabilities, make_producer
from services.runtime.topics import ensure_topics

BATCH_BYTES = 512 << 10
PROBE_SECONDS = 1.0
PROBE_TIMEOUT = 3.0
CLOSE_TIMEOUT = 2.0

logger = structlog.get_logger(__name__)


class Link:
    """A producer that is there or not. `run` keeps it; who writes takes `producer`, and says when it broke."""

    def __init__(self, kafka: KafkaConnection, topics: Sequence[TopicSpec], replication: int) -> None:
        self._kafka = kafka
        self._topics = topics
        self._replication = replication
        self._producer: AIOKafkaProducer | None = None
        self._broken = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self.answering = False

    @property
    def producer(self) -> AIOKafkaProducer | None:
        """The producer, while Kafka answers."""
        return self._producer if self.answering else None

    def broke(self) -> None:
        """Say that the producer failed; another takes its place."""
        self._broken.set()

    async def run(self) -> None:
        """Keep the connection until cancelled. Raises what no waiting mends: TopicMismatch, TopicNotCreated."""
        try:
            while True:
                self._producer = await self._connect()
                self._broken.clear()
                self.answering = True
                await self._watch(self._producer)
                self.answering = False
                self._abandon(self._producer)
                self._producer = None
        finally:
            self.answering = False
            if self._producer is not None:
                self._abandon(self._producer)
            if self._closing:
                await asyncio.wait(self._closing, timeout=CLOSE_TIMEOUT)

    async def _connect(self) -> AIOKafkaProducer:
        said = False
        while True:
            try:
                broker = await capabilities(self._kafka)
                await ensure_topics(self._kafka, self._topics, self._replication)
                return await self._started(broker)
            except (KafkaUnavailable, KafkaError, OSError) as error:
                if not said:
                    logger.warning("waiting for Kafka", error=str(error))
                    said = True
                await asyncio.sleep(PROBE_SECONDS)

    async def _started(self, broker: BrokerCapabilities) -> AIOKafkaProducer:
        producer = make_producer(self._kafka, broker, batch_bytes=BATCH_BYTES)
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _watch(self, producer: AIOKafkaProducer) -> None:
        """Ask now and then whether Kafka answers; return once the producer is known to be broken."""
        while not self._broken.is_set():
            try:
                await asyncio.wait_for(producer.client.fetch_all_metadata(), PROBE_TIMEOUT)
                answering = True
            except (KafkaError, TimeoutError, OSError):
                answering = False
            if answering is not self.answering:
                logger.warning("Kafka answers again" if answering else "Kafka does not answer")
                self.answering = answering
            with suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), PROBE_SECONDS)

    def _abandon(self, producer: AIOKafkaProducer) -> None:
        # Stopping waits for what is under way, which may take as long as Kafka is away.
        task = asyncio.create_task(_stop(producer))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _stop(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError):
        await producer.stop()
