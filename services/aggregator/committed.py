"""Sources are read committed, and every fetch says what it follows on.

What a transaction wrote and gave up was never there: workers that die leave such records behind where they were moving
some to another partition. What is fetched may be lost on its way through Faust (a rebalance, a pause, a seek); whoever
takes it can tell by that.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, OffsetAndMetadata, TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from services.aggregator.fetching import Fetched, batch_of

COMMIT_SECONDS, STOP_SECONDS = 3.0, 5.0
FETCH_WAIT_MS, FETCH_MIN_BYTES = 100, 64 << 10
"""How long a broker keeps a fetch that finds less than so much. The client has one fetch under way for each broker, of
the partitions of which it holds nothing: while one that names only silent partitions waits, all others wait too.
Answered at once, a trickle would come record by record.
"""


class _Thread(AIOKafkaConsumerThread):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._hinting: asyncio.Task[None] | None = None
        self._followed: dict[TP, int] = {}
        """By partition, the offset up to which it was fetched, or sought, in this assignment."""

    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        # Faust reads committed only with transactions of its own, which are not used here.
        self.consumer.in_transaction = True
        try:
            consumer = super()._create_worker_consumer(transport)
        finally:
            self.consumer.in_transaction = False
        # Faust's own, 1.5 s and 1 byte, are no settings.
        consumer._fetch_max_wait_ms, consumer._fetch_min_bytes = FETCH_WAIT_MS, FETCH_MIN_BYTES  # noqa: SLF001
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is Faust's
        max_records: int | None = None,
    ) -> dict[TP, list[Any]]:
        fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        # Nothing else has run in this thread since the client's positions moved behind these.
        return {tp: [await self._fetched(consumer, tp, records)] for tp, records in fetched.items() if records}

    async def _fetched(self, consumer: AIOKafkaConsumer, tp: TP, records: list[ConsumerRecord]) -> Fetched:
        first, stop = records[0].offset, await consumer.position(tp)
        start = min(first, self._followed.get(tp, first))
        self._followed[tp] = stop
        return Fetched(batch_of(records), start, stop)

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        self._followed.update(partitions)
        await super()._seek_wait(consumer, partitions)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Faust's hook: from now on it is fetched from wherever the group says."""
        self._followed.clear()
        await super().on_partitions_assigned(assigned, generation_id)

    def answered(self, partition: TP) -> int | None:
        """When a broker last answered a fetch of the partition; None where it is not ours, perhaps since just now."""
        with suppress(AssertionError):
            moment: int | None = self._ensure_consumer().last_poll_timestamp(partition)
            return moment
        return None

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
        if places:
            with suppress(KafkaError):
                await consumer.commit(places)

    async def on_thread_stop(self) -> None:
        """Faust's hook. The client waits for ever, or gives up its thread, where it stops while no broker answers."""
        stopping = asyncio.ensure_future(super().on_thread_stop())
        await asyncio.wait({stopping}, timeout=STOP_SECONDS)


class _NothingRead(dict[TP, int | None]):
    """By Faust's own reckoning no offset was ever read: it would pass over, unsaid, what is fetched again after a seek
    if something that was fetched before the seek comes through later.
    """

    def __getitem__(self, _: TP) -> int | None:
        return None

    def __setitem__(self, _: TP, __: int | None) -> None:
        """Nothing is kept."""

    def update(self, *_: Any, **__: Any) -> None:
        """Nothing is kept."""


class _Consumer(Consumer):
    _thread: _Thread

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._read_offset = _NothingRead()

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    def answered(self, partition: TP) -> int | None:
        """See `_Thread`."""
        return self._thread.answered(partition)


class CommittedTransport(Transport):
    """Faust's connection to Kafka, with a consumer that reads committed."""

    Consumer = _Consumer
