"""The tasks of one worker: take over, merge, write behind, hand over.

Ownership follows the consumer group; exactness does not depend on it. The position stands in the panes log, in the same write as
the rows, and the task's writer shuts earlier owners out. Whatever fails, the task's state is thrown away and read back.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from faust.types import TP
from mode import Service

from kpi.plan import Plan
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from kpi.topology import panes_partition
from schemas.kpis import Catalogue
from schemas.topics import history_topic, stream_topic
from schemas.wire import Claim
from services.aggregator.measurements import Measurements
from services.aggregator.owned import OwnedTask
from services.aggregator.recovery import read_back, rebuild_identifiers
from services.aggregator.writing import WriterFactory
from services.runtime.kafka import KafkaConnection, capabilities

log = structlog.get_logger(__name__)

CLAIMS_AT_ONCE = 8
RETRY_SECONDS = 1.0
MARK_SECONDS = 5.0
HINT_SECONDS = 5.0
UNWRITTEN_LIMIT = 1_000_000


class Keeper(Service):  # type: ignore[misc]
    """Owns the state. `clock` gives epoch milliseconds; it decides idleness only, never a value."""

    def __init__(
        self, app: Any, kafka: KafkaConnection, catalogue: Catalogue, plan: Plan, interval: float,
        measurements: Measurements, clock: Callable[[], int], **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.app, self._kafka, self._catalogue, self._plan = app, kafka, catalogue, plan
        self._interval, self._measurements, self._clock = interval, measurements, clock
        self._writers: WriterFactory | None = None
        self._owned: dict[str, OwnedTask] = {}
        self._by_partition: dict[TP, OwnedTask] = {}
        self._hinted = 0.0
        measurements.observe(self._owned)

    async def on_start(self) -> None:
        """Asks the broker what it can do."""
        self._writers = WriterFactory(self._kafka, await capabilities(self._kafka))
        await self._writers.start()

    async def on_stop(self) -> None:
        """The last flush has been written by `App.on_stop`; only connections are left."""
        for owned in self._owned.values():
            self._let_go(owned)
        await asyncio.gather(*(owned.writer.close() for owned in self._owned.values() if owned.writer), return_exceptions=True)
        if self._writers is not None:
            await self._writers.stop()

    # Membership

    def assign(self, partitions: set[TP]) -> None:
        """From the assignment signal; returns at once, since no heartbeat is sent until it does."""
        wanted = {owned.name: owned for owned in self._possible(partitions)}
        for name in self._owned.keys() - wanted.keys():
            self._drop(self._owned.pop(name))
        new = [owned for name, owned in wanted.items() if name not in self._owned]
        for owned in self._owned.values():
            owned.kept = owned.ready
            for topic in owned.heard:
                owned.heard[topic] = self.loop.time()
        self._owned |= {owned.name: owned for owned in new}
        self._by_partition = {tp: owned for owned in self._owned.values() for tp in owned.partitions}
        self._start_take_over(new)

    def _possible(self, partitions: set[TP]) -> Iterable[OwnedTask]:
        for unit in self._plan.units.values():
            topics = [name for stream in unit.streams for name in (stream_topic(stream), history_topic(stream))]
            for partition in range(unit.partitions):
                mine = tuple(TP(topic, partition) for topic in topics)
                if partitions.issuperset(mine):
                    yield OwnedTask(f"{unit.name}/{partition}", unit.name, partition, mine)

    def _let_go(self, owned: OwnedTask) -> None:
        owned.ready = False
        if owned.job is not None and owned.job is not asyncio.current_task():
            owned.job.cancel()

    def _drop(self, owned: OwnedTask) -> None:
        self._let_go(owned)
        if owned.writer is not None:
            self.add_future(owned.writer.close())

    def _start_take_over(self, tasks: list[OwnedTask], delay: float = 0.0) -> None:
        by_panes: dict[int, list[OwnedTask]] = {}
        for owned in tasks:
            by_panes.setdefault(panes_partition(owned.partition), []).append(owned)
        for together in by_panes.values():
            job = asyncio.ensure_future(self._take_over(together, delay))
            for owned in together:
                owned.job = job

    def _mine(self, owned: OwnedTask) -> bool:
        return self._owned.get(owned.name) is owned and not self.should_stop

    async def _take_over(self, tasks: list[OwnedTask], delay: float) -> None:
        """Fence, claim, read up to one's own claim, rebuild the ids, seek: for tasks whose state lies on one panes partition."""
        await asyncio.sleep(delay)
        while tasks := [owned for owned in tasks if self._mine(owned)]:
            started = time.perf_counter()
            try:
                await self._recover(tasks)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("take-over failed, trying again", tasks=[owned.name for owned in tasks], error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._measurements.took_over(len(tasks), time.perf_counter() - started)
            return

    async def _recover(self, tasks: list[OwnedTask]) -> None:
        assert self._writers is not None
        limit = asyncio.Semaphore(CLAIMS_AT_ONCE)

        async def claimed(owned: OwnedTask) -> tuple[str, int]:
            async with limit:
                if owned.writer is not None:
                    await owned.writer.close()
                owned.writer = writer = self._writers_factory().writer(owned.name, owned.partition)
                incarnation = uuid.uuid4().hex[:12]
                unit = self._plan.units[owned.unit]
                owned.task = Task(self._catalogue, self._plan, unit, owned.partition, incarnation)
                return owned.name, await writer.claim(Claim(owned.name, incarnation, self._clock()))

        claims = dict(await asyncio.gather(*(claimed(owned) for owned in tasks)))
        records = await read_back(self._kafka, self._writers.broker, tasks[0].partition, claims)
        for owned in tasks:
            assert owned.task is not None
            owned.task.restore(records[owned.name])
            await rebuild_identifiers(self._kafka, owned.task, [tp.topic for tp in owned.partitions])
        for owned in tasks:
            await self._begin(owned)

    def _writers_factory(self) -> WriterFactory:
        assert self._writers is not None
        return self._writers

    async def _begin(self, owned: OwnedTask) -> None:
        if not self._mine(owned) or owned.task is None:
            return
        owned.holes.clear()
        owned.unwritten, owned.throttled, owned.kept, owned.ready = 0, False, False, True
        owned.heard = dict.fromkeys((tp.topic for tp in owned.partitions), self.loop.time())
        here = self.app.consumer.assignment()
        places = {tp: owned.task.sources[tp.topic].position for tp in owned.partitions if tp in here}
        if places:
            # Our position counts, not the committed one; what was paused must always be both sought and resumed.
            await self.app.consumer.seek_wait(places)
            self.app.consumer.resume_partitions(set(places))
        log.info("took over", task=owned.name, rows=owned.task.row_count, entities=owned.task.entity_count)

    def _again(self, owned: OwnedTask, delay: float = 0.0) -> None:
        """Forgets everything about the task and takes it over anew."""
        self._let_go(owned)
        if not self._mine(owned):
            return
        fresh = OwnedTask(owned.name, owned.unit, owned.partition, owned.partitions, writer=owned.writer)
        self._owned[owned.name] = fresh
        self._by_partition |= dict.fromkeys(fresh.partitions, fresh)
        self._start_take_over([fresh], delay)

    # The hot path

    async def take(self, partition: TP, batch: RawBatch) -> None:
        """Merges a fetched batch into its task, if the task is ready and the batch continues where it stands."""
        owned = self._by_partition.get(partition)
        if owned is None:
            return
        if not owned.ready or owned.task is None:
            self.app.consumer.pause_partitions({partition})
            return
        position = owned.task.sources[partition.topic].position
        first, last = int(batch.offsets[0]), int(batch.offsets[-1])
        if last < position:
            return
        if first > position and not await self._gap_closed(owned, partition, position, first):
            return
        started = time.perf_counter()
        try:
            owned.task.take(partition.topic, batch)
        except Exception as error:
            log.error("a batch could not be taken; the task starts again", task=owned.name, topic=partition.topic, first=first, error=repr(error))
            self._measurements.failed()
            self._again(owned, delay=RETRY_SECONDS)
            return
        owned.heard[partition.topic] = self.loop.time()
        owned.unwritten += len(batch.values)
        self._measurements.took(len(batch.values), time.perf_counter() - started)
        if owned.unwritten > UNWRITTEN_LIMIT and not owned.throttled:
            owned.throttled = True
            self.app.consumer.pause_partitions(set(owned.partitions))

    async def _gap_closed(self, owned: OwnedTask, partition: TP, position: int, first: int) -> bool:
        """Records are missing before `first`. Asks for them again, unless the log itself has the hole; True: go on at `first`."""
        if owned.kept:
            log.warning("another worker had the task meanwhile", task=owned.name)
            self._again(owned)
            return False
        if owned.hole_is_in_the_log(partition.topic, first):
            return True
        await self.app.consumer.seek_wait({partition: position})
        return False

    # Write behind

    async def flush(self, owned: OwnedTask) -> None:
        """Writes what changed. After any failure the outcome is unknown, and the state is read back."""
        async with owned.lock:
            if not owned.ready or owned.task is None or owned.writer is None or not self._mine(owned):
                return
            self._advance_idle(owned, owned.task)
            started, covered = time.perf_counter(), owned.unwritten
            try:
                flush = owned.task.flush(self._clock())
                if flush is None:
                    return
                await owned.writer.write(flush)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("a flush failed; the task is read back", task=owned.name, error=repr(error))
                self._measurements.lost(fenced=type(error).__name__ == "ProducerFenced")
                owned.ready = False
                self.add_future(self._regain(owned))
                return
            owned.unwritten -= covered
            owned.kept = False
            if owned.throttled and owned.unwritten <= UNWRITTEN_LIMIT // 2:
                owned.throttled = False
                self.app.consumer.resume_partitions(set(owned.partitions))
            self._measurements.flushed(len(flush.records), time.perf_counter() - started)

    async def _regain(self, owned: OwnedTask) -> None:
        """Stands still, and takes over again only if the group still says that the task is ours.

        A zombie learns within a heartbeat that it is out. Were it wrong, it would fence the rightful owner once, who regains:
        that costs time, never exactness.
        """
        while self._mine(owned):
            await asyncio.sleep(1.5 * self.app.conf.broker_heartbeat_interval)
            if not self.app.rebalancing and self.app.consumer.assignment().issuperset(owned.partitions):
                self._again(owned)
                return

    def _advance_idle(self, owned: OwnedTask, task: Task) -> None:
        now = self.loop.time()
        for tp in owned.partitions:
            source = task.sources[tp.topic]
            end = self.app.consumer.highwater(tp) if tp in self.app.consumer.assignment() else None
            if end is None:
                continue
            source.end = end
            quiet = (now - owned.heard.get(tp.topic, now)) * 1000 >= source.stream.idle_timeout
            if quiet and source.position >= end and now - owned.marked.get(tp.topic, 0.0) >= MARK_SECONDS:
                owned.marked[tp.topic] = now
                task.advance_idle(tp.topic, self._clock())

    async def flush_all(self) -> None:
        """Writes what changed in every task."""
        await asyncio.gather(*(self.flush(owned) for owned in list(self._owned.values())))

    @Service.task  # type: ignore[untyped-decorator]
    async def _flusher(self) -> None:
        while not self.should_stop:
            await self.sleep(self._interval)
            await self.flush_all()
            await self._hint()

    async def _hint(self) -> None:
        """Commits positions to the group now and then: for lag tools, and so that a restart begins near them. Only a hint."""
        if self.loop.time() - self._hinted < HINT_SECONDS or self.app.rebalancing:
            return
        self._hinted = self.loop.time()
        here = self.app.consumer.assignment()
        positions = {
            tp: owned.task.sources[tp.topic].position
            for owned in self._owned.values() if owned.ready and owned.task is not None and not owned.unwritten
            for tp in owned.partitions if tp in here
        }  # fmt: skip
        if positions:
            await self.app.consumer._commit(positions)


