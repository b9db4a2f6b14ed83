"""The tasks of one worker: take over, merge, write behind, hand over.

Ownership follows the consumer group; exactness does not depend on it. The position stands in the panes log, in the
same write as the rows, and a task's writer shuts earlier owners out. Whatever fails, the task's state is thrown away
and read back.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError, ProducerFenced
from faust.types import TP
from mode import Service

from kpi.tasks.source import RawBatch
from kpi.topology import panes_partition, topic_specs
from services.aggregator.idleness import QUIET_SECONDS, advance_idle, skip_markers
from services.aggregator.measurements import Measurements
from services.aggregator.owned import OwnedTask, Recovered
from services.aggregator.recovery import holds_records
from services.aggregator.take_over import Definitions, TakeOver
from services.aggregator.writing import WriterFactory
from services.runtime.clock import Clock
from services.runtime.health import Readiness
from services.runtime.kafka import KafkaConnection, KafkaUnavailable, capabilities
from services.runtime.topics import TopicMismatch, TopicMissing, check_topics

log = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
HINT_SECONDS = 5.0
UNWRITTEN_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class KeeperOptions:
    """What a keeper is wired with. `interval`: seconds between flushes. `clock`: epoch milliseconds.

    The clock decides when a silent partition counts as idle; no value depends on it otherwise.
    """

    kafka: KafkaConnection
    definitions: Definitions
    interval: float
    measurements: Measurements
    clock: Clock


class Keeper(Service):
    """Owns the state of a worker."""

    def __init__(self, app: Any, options: KeeperOptions, **service: Any) -> None:
        super().__init__(**service)
        self.app, self._options = app, options
        self._measurements = options.measurements
        self._writers: WriterFactory | None = None
        self._owned: dict[str, OwnedTask] = {}
        self._readers: dict[TP, tuple[OwnedTask, ...]] = {}
        self._hinted = 0.0
        self._assigned = False
        self._measurements.observe(self._owned)

    async def on_start(self) -> None:
        """Sees that the topics are there, as wide as declared, and asks the broker what it can do.

        Where they are not, the worker says so and ends: of topics of other widths, no task would get all that it reads.
        """
        kafka = self._options.kafka
        try:
            await check_topics(kafka, topic_specs(self._options.definitions.catalogue))
            self._writers = WriterFactory(kafka, await capabilities(kafka))
        except (TopicMissing, TopicMismatch, KafkaUnavailable) as error:
            log.error("cannot start", reason=str(error))
            raise SystemExit(1) from None
        await self._writers.start()

    async def on_stop(self) -> None:
        """Lets go of the connections; the last flush was written by `Aggregator.on_stop`."""
        for owned in self._owned.values():
            if owned.job is not None:
                owned.job.cancel()
        await asyncio.gather(*(self._let_go(owned) for owned in self._owned.values()), return_exceptions=True)
        if self._writers is not None:
            await self._writers.stop()

    def readiness(self) -> Readiness:
        """Ready once the group has assigned something, or nothing, and all of it is recovered."""
        if not self._assigned:
            return Readiness(ready=False, reasons=("not assigned by the group yet",))
        waiting = sorted(owned.name for owned in self._owned.values() if owned.recovered is None)
        return Readiness(ready=not waiting, reasons=tuple(f"{name} is being recovered" for name in waiting))

    # Membership

    def assign(self, partitions: set[TP]) -> None:
        """Starts what is new and drops what is gone; returns at once, since no heartbeat is sent until it does.

        Without transactions everything is new each time.
        """
        self._assigned = True
        wanted = {owned.name: owned for owned in self._possible(partitions)}
        # Where nothing shuts an earlier owner out, only the log tells whether somebody else had a task meanwhile.
        kept = wanted.keys() if self._writers is not None and self._writers.broker.transactions else set()
        for name in self._owned.keys() - kept:
            self.add_future(self._let_go(self._owned.pop(name)))
        for owned in self._owned.values():
            owned.kept = owned.recovered is not None
            owned.followed.clear()
            owned.heard = dict.fromkeys(owned.heard, self.loop.time())
        new = [owned for name, owned in wanted.items() if name not in self._owned]
        self._owned.update((owned.name, owned) for owned in new)
        self._index()
        self._start_take_over(new)

    def _index(self) -> None:
        # A re-keyed topic may be read by several kinds of entities.
        readers: dict[TP, list[OwnedTask]] = {}
        for owned in self._owned.values():
            for partition in owned.partitions:
                readers.setdefault(partition, []).append(owned)
        self._readers = {partition: tuple(owned) for partition, owned in readers.items()}

    def _possible(self, partitions: set[TP]) -> Iterable[OwnedTask]:
        for unit in self._options.definitions.plan.units.values():
            for partition in range(unit.partitions):
                mine = tuple(TP(topic, partition) for topic in unit.topics)
                if partitions.issuperset(mine):
                    yield OwnedTask(f"{unit.name}/{partition}", unit.name, partition, mine)

    def _mine(self, owned: OwnedTask) -> bool:
        return self._owned.get(owned.name) is owned and not self.should_stop

    @staticmethod
    async def _let_go(owned: OwnedTask) -> None:
        # Its take-over, if one is under way, serves other tasks too: it sees for itself that this one has left.
        recovered, owned.recovered = owned.recovered, None
        if recovered is not None:
            await recovered.writer.close()

    # Take-over

    def _start_take_over(self, tasks: Iterable[OwnedTask], delay: float = 0.0) -> None:
        by_panes: dict[int, list[OwnedTask]] = {}
        for owned in tasks:
            by_panes.setdefault(panes_partition(owned.partition), []).append(owned)
        for together in by_panes.values():
            job = asyncio.ensure_future(self._take_over(together, delay))
            for owned in together:
                owned.job = job

    async def _take_over(self, tasks: list[OwnedTask], delay: float) -> None:
        await asyncio.sleep(delay)
        while (tasks := [owned for owned in tasks if self._mine(owned)]) and self._writers is not None:
            started = time.perf_counter()
            take_over = TakeOver(self._options.kafka, self._options.definitions, self._writers, self._options.clock)
            try:
                recovered = await take_over.recover(tasks)
                for owned in tasks:
                    await self._begin(owned, recovered[owned.name])
            except Exception as error:  # noqa: BLE001 (whatever it was, the task must be taken over by somebody)
                log.warning("take-over failed, trying again", tasks=[t.name for t in tasks], error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._measurements.took_over(len(tasks), time.perf_counter() - started)
            return

    async def _begin(self, owned: OwnedTask, recovered: Recovered) -> None:
        if not self._mine(owned):
            await recovered.writer.close()
            return
        owned.begin(recovered, self.loop.time())
        await self._read_on(owned)
        log.info("took over", task=owned.name, rows=recovered.task.row_count, entities=recovered.task.entity_count)

    def _positions(self, partition: TP) -> list[int]:
        """The positions of the recovered tasks that read it."""
        recovered = [owned.recovered for owned in self._readers.get(partition, ()) if owned.recovered is not None]
        return [each.task.sources[partition.topic].position for each in recovered]

    async def _read_on(self, owned: OwnedTask) -> None:
        """Ends a pause, and seeks our position, not the committed one: what was fetched meanwhile was dropped.

        Where others read the same, the lowest one: each of them passes over what it has taken.
        """
        here = self.app.consumer.assignment()
        places = {tp: min(found) for tp in owned.partitions if tp in here and (found := self._positions(tp))}
        if places:
            await self.app.consumer.seek_wait(places)
            self.app.consumer.resume_partitions(set(places))

    async def _again(self, owned: OwnedTask, delay: float = 0.0) -> None:
        """Forgets everything about the task and takes it over anew."""
        mine = self._mine(owned)
        if mine:
            fresh = owned.renewed()
            self._owned[owned.name] = fresh
            self._index()
        await self._let_go(owned)
        if mine:
            self._start_take_over([fresh], delay)

    # The hot path

    async def take(self, partition: TP, batch: RawBatch) -> None:
        """Merges a fetched batch into the tasks that read it: those that are recovered, where it continues what they
        have.
        """
        for owned in self._readers.get(partition, ()):
            await self._take(owned, partition, batch)

    async def _take(self, owned: OwnedTask, partition: TP, batch: RawBatch) -> None:
        recovered = owned.recovered
        if recovered is None:
            self.app.consumer.pause_partitions({partition})
            return
        task = recovered.task
        position = task.sources[partition.topic].position
        first, last = int(batch.offsets[0]), int(batch.offsets[-1])
        if last < position:
            return
        if first > position and not await self._gap_closed(owned, partition, position, first):
            return
        if owned.recovered is not recovered:
            return
        started = time.perf_counter()
        try:
            task.take(partition.topic, batch)
        except Exception as error:  # noqa: BLE001 (an agent must not end in silence: the task starts again, visibly)
            log.error(
                "a batch could not be taken", task=owned.name, topic=partition.topic, first=first, error=repr(error)
            )
            self._measurements.failed()
            await self._again(owned, delay=RETRY_SECONDS)
            return
        owned.followed.add(partition.topic)
        owned.heard[partition.topic] = self.loop.time()
        owned.unwritten += len(batch.values)
        self._measurements.took(len(batch.values), time.perf_counter() - started)
        if owned.unwritten > UNWRITTEN_LIMIT and not owned.throttled:
            owned.throttled = True
            self.app.consumer.pause_partitions(set(owned.partitions))

    async def _gap_closed(self, owned: OwnedTask, partition: TP, position: int, first: int) -> bool:
        """Records are missing before `first`: asks for them again, unless the log itself has the hole."""
        if owned.kept:
            log.warning("another worker had the task meanwhile", task=owned.name)
            await self._again(owned)
            return False
        if partition.topic in owned.followed or not await self._dropped(partition, position, first):
            return True
        await self.app.consumer.seek_wait({partition: position})
        return False

    async def _dropped(self, partition: TP, position: int, first: int) -> bool:
        try:
            return await holds_records(self._options.kafka, *partition, position, first)
        except KafkaError:
            return True

    # Write behind

    async def flush(self, owned: OwnedTask) -> None:
        """Writes what changed. After any failure the outcome is unknown, and the state is read back."""
        async with owned.lock:
            recovered = owned.recovered
            if recovered is None or not self._mine(owned):
                return
            advance_idle(owned, recovered.task, self.app.consumer, self.loop.time(), self._options.clock())
            started, covered = time.perf_counter(), owned.unwritten
            try:
                flush = recovered.task.flush(self._options.clock())
                if flush is None:
                    return
                await recovered.writer.write(flush)
            except Exception as error:  # noqa: BLE001 (fenced, timed out, unknown: the state is no longer trusted)
                log.warning("a flush failed; the task is read back", task=owned.name, error=repr(error))
                self._measurements.lost(fenced=isinstance(error, ProducerFenced))
                owned.recovered = None
                self.add_future(self._regain(owned, recovered))
                return
            owned.unwritten -= covered
            owned.kept = False
            if owned.throttled and owned.unwritten <= UNWRITTEN_LIMIT // 2:
                owned.throttled = False
                await self._read_on(owned)
            self._measurements.flushed(len(flush.records), time.perf_counter() - started)

    async def _regain(self, owned: OwnedTask, lost: Recovered) -> None:
        """Stands still, and takes over again only if the group still says that the task is ours.

        A zombie learns within a heartbeat that it is out. Were it wrong, it would fence the rightful owner once, who
        regains: that costs time, never exactness.
        """
        await lost.writer.close()
        while self._mine(owned):
            await asyncio.sleep(1.5 * self.app.conf.broker_heartbeat_interval)
            if not self.app.rebalancing and self.app.consumer.assignment().issuperset(owned.partitions):
                await self._again(owned)
                return

    async def flush_all(self) -> None:
        """Writes what changed in every task."""
        await asyncio.gather(*(self.flush(owned) for owned in list(self._owned.values())))

    @Service.task
    async def _flusher(self) -> None:
        while not self.should_stop:
            await self.sleep(self._options.interval)
            await self.flush_all()
            await self._hint()

    @Service.task
    async def _skipper(self) -> None:
        while not self.should_stop:
            await self.sleep(QUIET_SECONDS)
            for owned in list(self._owned.values()):
                if owned.recovered is not None:
                    await skip_markers(owned, owned.recovered.task, self._options.kafka, self.loop.time())

    async def _hint(self) -> None:
        """Commits positions to the group now and then: for lag tools, and so that a restart begins near them."""
        if not self._assigned or self.app.rebalancing or self.loop.time() - self._hinted < HINT_SECONDS:
            return
        self._hinted = self.loop.time()
        here = self.app.consumer.assignment()
        positions = {
            tp: min(self._positions(tp))
            for tp, readers in self._readers.items()
            if tp in here and all(owned.recovered is not None and not owned.unwritten for owned in readers)
        }
        if positions:
            await self.app.consumer._commit(positions)  # noqa: SLF001 (Faust's public commit takes only its own acks)
