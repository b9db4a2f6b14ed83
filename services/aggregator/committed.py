"""Sources are read committed: what a transaction wrote and gave up was never there.

Workers that die leave such records behind where they were moving some to another partition.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

COMMIT_SECONDS, STOP_SECONDS = 3.0, 5.0


class _Thread(AIOKafkaConsumerThread):
    _hinting: asyncio.Task[None] | None = None

    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        # Faust reads committed only with transactions of its own, which are not used here.
        self.consumer.in_transaction = True
        try:
            return super()._create_worker_consumer(transport)
        finally:
            self.consumer.in_transaction = False

    def answered(self, partition: TP) -> int | None:
        """When a broker last answered a fetch of the partition."""
        moment: int | None = self._ensure_consumer().last_poll_timestamp(partition)
        return moment

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # Here a committed offset is a hint. Faust ends the worker where one is refused, as in any rebalance.
        if self._hinting is None or self._hinting.done():
            self._hinting = asyncio.ensure_future(self._hint(offsets))
        # While no broker answers it goes on beside us, and nothing else waits for it.
        await asyncio.wait({self._hinting}, timeout=COMMIT_SECONDS)
        return True

    async def _hint(self, offsets: Mapping[TP, int]) -> None:
        consumer, here = self._ensure_consumer(), self.assignment()
        places = {TopicPartition(*tp): OffsetAndMetadata(at, "") for tp, at in offsets.items() if tp in here}
        with suppress(KafkaError):
            await consumer.commit(places)

    async def on_thread_stop(self) -> None:
        """Faust's hook. The client waits for ever, or gives up its thread, where it stops while no broker answers."""
        stopping = asyncio.ensure_future(super().on_thread_stop())
        await asyncio.wait({stopping}, timeout=STOP_SECONDS)


class _Consumer(Consumer):
    _thread: _Thread

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def answered(self, partition: TP) -> int | None:
        """See `_Thread`."""
        return self._thread.answered(partition)


class CommittedTransport(Transport):
    """Faust's connection to Kafka, with a consumer that reads committed."""

    Consumer = _Consumer
