"""Sources are read committed: what a transaction wrote and gave up was never there.

Workers that die leave such records behind where they were moving some to another partition.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

COMMIT_SECONDS = 3.0


class _Thread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        # Faust reads committed only with transactions of its own, which are not used here.
        self.consumer.in_transaction = True
        try:
            return super()._create_worker_consumer(transport)
        finally:
            self.consumer.in_transaction = False

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # Here a committed offset is a hint. Faust ends the worker where one is refused, as in any rebalance.
        consumer, here = self._ensure_consumer(), self.assignment()
        places = {TopicPartition(*tp): OffsetAndMetadata(at, "") for tp, at in offsets.items() if tp in here}
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await consumer.commit(places)
        except (KafkaError, TimeoutError):
            return False
        return True


class _Consumer(Consumer):
    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class CommittedTransport(Transport):
    """Faust's connection to Kafka, with a consumer that reads committed."""

    Consumer = _Consumer
