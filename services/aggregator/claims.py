"""Who claimed a task last, where the broker shuts nobody out."""

import asyncio
from contextlib import suppress

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from services.runtime.kafka import KafkaConnection

RETRY_SECONDS = 1.0
CLAIM = b'["c",'


class LatestClaims:
    """Follows the end of the panes topic. What is written in spite of a later claim is ignored by every reader, so that
    it does no harm to learn of one late.
    """

    def __init__(self, kafka: KafkaConnection) -> None:
        self._kafka = kafka
        self._offsets: dict[str, int] = {}
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follows from the present end on. Raises KafkaError."""
        consumer = AIOKafkaConsumer(
            **self._kafka.client_options(), enable_auto_commit=False, auto_offset_reset="latest"
        )
        await consumer.start()
        places = [TopicPartition(PANES, number) for number in range(PANES_PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        self._following = asyncio.ensure_future(self._follow(consumer))

    async def stop(self) -> None:
        """Lets go of the connection."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following

    def offset(self, task: str) -> int:
        """Where the last known claim of the task stands; -1: none is known."""
        return self._offsets.get(task, -1)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                try:
                    for messages in (await consumer.getmany(timeout_ms=1000)).values():
                        for message in messages:
                            if message.key.startswith(CLAIM):
                                self._offsets[orjson.loads(message.key)[1]] = message.offset
                except KafkaError:
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await consumer.stop()
