"""The hot path: batches as they were fetched, merged into the tasks that read them."""

import asyncio
import time

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from services.aggregator.fetching import Fetched
from services.aggregator.flow import Flow
from services.aggregator.holes import count_lost
from services.aggregator.measurements import Measurements
from services.aggregator.owned import Holdings, OwnedTask
from services.aggregator.refusing import REFUSED, Refusing
from services.aggregator.regaining import Regaining

log = structlog.get_logger(__name__)

EARLY_RECORDS = 100_000
"""More than so many records of a task without a flush: the next one does not wait for its time."""
MOST_RECORDS = 400_000
"""More than so many, and its partitions pause until half of them are written."""
AGAIN_SECONDS = 1.0


class Taking:
    """Merges batches. `early`, set: a task has so much to write that no timer is to be waited for."""

    def __init__(
        self,
        holdings: Holdings,
        flow: Flow,
        regaining: Regaining,
        refusing: Refusing,
        measurements: Measurements,
    ) -> None:
        self._holdings, self._flow = holdings, flow
        self._regaining, self._refusing, self._measurements = regaining, refusing, measurements
        self.early = asyncio.Event()

    async def take(self, partition: TP, fetched: Fetched) -> None:
        """Merges a fetched batch into the tasks that read it: those that are recovered, where it continues what they
        have.
        """
        for owned in self._holdings.readers(partition):
            await self._take(owned, partition, fetched)

    async def _take(self, owned: OwnedTask, partition: TP, fetched: Fetched) -> None:
        recovered = owned.recovered
        if recovered is None:
            self._flow.pause({partition})
            return
        task, batch = recovered.task, fetched.batch
        position = task.sources[partition.topic].position
        first, last = int(batch.offsets[0]), int(batch.offsets[-1])
        if last < position:
            await self._pass_over(owned, partition)
            return
        if first > position and not await self._gap_closed(owned, partition, position, fetched):
            return
        # While we asked, it may have been lost.
        if owned.recovered is not recovered:
            return
        started = time.perf_counter()
        try:
            task.take(partition.topic, batch)
            task.skip(partition.topic, last + 1, fetched.stop)
        except REFUSED as error:
            self._refusing.refuse(error)
            self._flow.pause(owned.partitions)
            # It may be half taken: the last flushes must not write that.
            self._regaining.let_go(owned)
            return
        except Exception as error:  # noqa: BLE001 (an agent must not end in silence: the task starts again, visibly)
            log.error(
                "a batch could not be taken", task=owned.name, topic=partition.topic, first=first, error=repr(error)
            )
            self._measurements.failed()
            self._regaining.again(owned, delay=AGAIN_SECONDS)
            return
        owned.heard[partition.topic] = asyncio.get_running_loop().time()
        owned.unwritten += len(batch.values)
        self._measurements.took(len(batch.values), time.perf_counter() - started)
        # While it is written it cannot be begun earlier, and all others would be.
        if owned.unwritten > EARLY_RECORDS and not owned.lock.locked():
            self.early.set()
        if owned.unwritten > MOST_RECORDS:
            # Each time: a rebalance ends every pause.
            owned.throttled = True
            self._flow.pause(owned.partitions)

    async def _pass_over(self, owned: OwnedTask, partition: TP) -> None:
        """Older records: after each rebalance Faust begins at the committed offset. Asks for what follows, once."""
        place = self._holdings.place(partition)
        if place is None or owned.sought.get(partition.topic) == place or owned.throttled:
            return
        owned.sought[partition.topic] = place
        await self._read_from(partition, place)

    async def _gap_closed(self, owned: OwnedTask, partition: TP, position: int, fetched: Fetched) -> bool:
        """Offsets are missing before the batch: asks for them again, unless the log itself has the hole."""
        first = int(fetched.batch.offsets[0])
        if owned.kept:
            log.warning("another worker had the task meanwhile", task=owned.name)
            self._regaining.again(owned)
            return False
        try:
            dropped = fetched.start > position and await self._flow.holds_records(partition, position, first)
            beginning = position if dropped else await self._flow.beginning(partition)
        except (KafkaError, TimeoutError):
            # Nobody says which: what is asked for again comes again.
            dropped = True
        if dropped:
            await self._read_from(partition, position)
            return False
        if owned.recovered is not None:
            count_lost(owned.recovered.task, partition.topic, position, min(beginning, first))
        return True

    async def _read_from(self, partition: TP, place: int) -> None:
        try:
            await self._flow.read_from({partition: place})
        except (KafkaError, TimeoutError):
            # It is not ours any more, or nobody answers: then nothing comes, or it has a gap again.
            return
