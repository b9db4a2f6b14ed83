"""The keeper of a worker's tasks: what takes them over, merges, writes behind and hands over, put together.

Ownership follows the consumer group; exactness does not depend on it. The position stands in the panes log, in the
same write as the rows, and a task's writer shuts earlier owners out. Whatever fails, the task's state is thrown away
and read back.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP
from mode import Service

from kpi.topology import topic_specs
from services.aggregator.catching_up import QUIET_SECONDS, catch_up
from services.aggregator.fetching import Fetched
from services.aggregator.flow import Flow
from services.aggregator.hanging import Hanging, end_hanging
from services.aggregator.hinting import tell_places
from services.aggregator.listening import LISTEN_SECONDS, Listening
from services.aggregator.measurements import Measurements
from services.aggregator.membership import Membership
from services.aggregator.owned import Holdings
from services.aggregator.refusing import REFUSED, Refusing
from services.aggregator.regaining import Regaining
from services.aggregator.source_topics import SourceTopics
from services.aggregator.take_over import Definitions, TakeOver
from services.aggregator.taking import Taking
from services.aggregator.unheard import hear
from services.aggregator.write_behind import WriteBehind
from services.aggregator.writing import WriterFactory
from services.runtime.clock import Clock
from services.runtime.health import Readiness
from services.runtime.kafka import KafkaConnection, KafkaUnavailable, capabilities
from services.runtime.topics import TopicMismatch, TopicMissing, check_topics

log = structlog.get_logger(__name__)

HINT_SECONDS, HINTED_SECONDS = 5.0, 3.0
"""How often the group is told where we stand, and how long a rebalance waits for that."""
MOST_REST = 2.0
"""Seconds between two rounds of flushes, however long the last one took."""
ENDING_SECONDS = 5.0
"""How often it is looked for transactions that hang."""
TOPICS_SECONDS = 5.0
"""How often the topics are looked at."""


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
        self._options = options
        self._holdings, self._flow, self._refusing = Holdings(), Flow(app, options.kafka), Refusing()
        self._writers: WriterFactory
        self._listening = Listening(self._holdings, self._flow)
        self._regaining: Regaining
        self._taking: Taking
        self._write_behind: WriteBehind
        self._hanging: Hanging
        self._membership: Membership | None = None
        options.measurements.observe(self._holdings.owned)

    async def on_start(self) -> None:
        """Sees that the topics are there, as wide as declared, and asks the broker what it can do.

        Where they are not, the worker says so and ends: of topics of other widths, no task would get all that it reads.
        """
        kafka, definitions = self._options.kafka, self._options.definitions
        hear(asyncio.get_running_loop())
        specs = topic_specs(definitions.catalogue)
        try:
            await check_topics(kafka, specs)
            self._writers = WriterFactory(kafka, await capabilities(kafka))
        except (TopicMissing, TopicMismatch, KafkaUnavailable) as error:
            log.error("cannot start", reason=str(error))
            raise SystemExit(1) from None
        await self._writers.start()
        measurements, clock = self._options.measurements, self._options.clock
        take_over = TakeOver(kafka, definitions, self._writers, clock)
        held, flow, refusing = self._holdings, self._flow, self._refusing
        self._regaining = Regaining(held, flow, take_over, refusing, measurements)
        self._taking = Taking(held, flow, self._regaining, refusing, measurements)
        self._write_behind = WriteBehind(held, self._listening, self._regaining, measurements, clock)
        widths = {spec.name: spec.partitions for spec in specs}
        self._hanging = Hanging(kafka, definitions.plan.units.values(), widths)
        self._membership = Membership(
            definitions.plan, held, self._regaining, refusing, fenced=self._writers.broker.transactions
        )

    async def on_stop(self) -> None:
        """Lets go of the connections; the last flush was written by `Aggregator.on_stop`."""
        if self._membership is not None:
            await self._regaining.stop()
            await self._writers.stop()

    def readiness(self) -> Readiness:
        """Ready once the group has assigned something, or nothing, and all of it is recovered."""
        if self._refusing.reason is not None:
            return Readiness(ready=False, reasons=(self._refusing.reason,))
        if self._membership is None or not self._membership.joined:
            return Readiness(ready=False, reasons=("not assigned by the group yet",))
        waiting = sorted(owned.name for owned in self._holdings.owned.values() if owned.recovered is None)
        return Readiness(ready=not waiting, reasons=tuple(f"{name} is being recovered" for name in waiting))

    def assign(self, partitions: set[TP]) -> None:
        """The group has handed out; returns at once."""
        if self._membership is not None:
            self._membership.assign(partitions)

    async def take(self, partition: TP, fetched: Fetched) -> None:
        """A batch was fetched."""
        await self._taking.take(partition, fetched)

    async def flush_all(self) -> None:
        """Writes what changed in every task, in bounded time."""
        if self._membership is not None:
            await self._write_behind.flush_all()

    async def hand_over(self) -> None:
        """Writes all, and tells the group where we stand: what is handed out next is fetched from there."""
        await self.flush_all()
        # The consumer's thread may be kept by something else, and the whole group waits for us.
        with suppress(TimeoutError):
            async with asyncio.timeout(HINTED_SECONDS):
                await tell_places(self._holdings, self._flow)

    @Service.task
    async def _flusher(self) -> None:
        early, rest = self._taking.early, self._options.interval
        while not self.should_stop:
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await early.wait()
            if self._membership is not None:
                await self._regaining.taken()
            early.clear()
            started = time.perf_counter()
            self._write_behind.begin_all()
            # Until each flush is computed.
            await asyncio.sleep(0)
            spent = time.perf_counter() - started
            # Many tasks at an interval that is too short for them would leave no time to take anything.
            rest = max(self._options.interval - spent, min(spent, MOST_REST))

    @Service.task
    async def _listener(self) -> None:
        while not self.should_stop:
            if self._membership is not None and self._membership.joined:
                self._listening.check(asyncio.get_running_loop().time())
            await self.sleep(LISTEN_SECONDS)

    @Service.task
    async def _hinter(self) -> None:
        while not self.should_stop:
            await self.sleep(HINT_SECONDS)
            if not self._flow.rebalancing:
                await tell_places(self._holdings, self._flow)

    @Service.task
    async def _watcher(self) -> None:
        topics = SourceTopics(self._options.kafka, self._options.definitions.plan)
        while not self.should_stop:
            try:
                await topics.check()
            except REFUSED as error:
                self._refusing.refuse(error)
            except (KafkaUnavailable, KafkaError, TimeoutError):
                # Whoever reads or writes notices as well, and waits.
                pass
            await self.sleep(TOPICS_SECONDS)

    @Service.task
    async def _ender(self) -> None:
        while not self.should_stop:
            await self.sleep(ENDING_SECONDS)
            if self._membership is None or not self._writers.broker.transactions:
                continue
            with suppress(KafkaError, TimeoutError):
                found = await self._hanging.check(asyncio.get_running_loop().time())
                if found:
                    await end_hanging(found, self._holdings, self._options.definitions.plan, self._write_behind)

    @Service.task
    async def _catcher(self) -> None:
        while not self.should_stop:
            await self.sleep(QUIET_SECONDS)
            for owned in list(self._holdings.owned.values()):
                if owned.recovered is not None:
                    now = asyncio.get_running_loop().time()
                    await catch_up(owned, owned.recovered.task, self._holdings, self._flow, now)
