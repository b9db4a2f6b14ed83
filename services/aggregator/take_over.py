"""Taking tasks over: shut the earlier owner out, claim, read the state up to one's own claim, rebuild the ids."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from kpi.entities.journal import USUAL
from kpi.plan import Plan
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.wire import Claim
from services.aggregator.owned import OwnedTask, Recovered
from services.aggregator.recovery import latest_claim, read_back, rebuild_identifiers
from services.aggregator.source_topics import SourceTopics
from services.aggregator.writing import FlushWriter, WriterFactory
from services.runtime.clock import Clock
from services.runtime.kafka import KafkaConnection

CLAIMS_AT_ONCE = 8
HORIZONS_AT_ONCE = 4
"""Of a worker; each holds some fetches of 8 MiB, decoded."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What tasks compute: the catalogue, and what follows from it."""

    catalogue: Catalogue
    plan: Plan


class TakeOver:
    """Takes over tasks for one worker. `clock` gives epoch milliseconds, for people only."""

    def __init__(self, kafka: KafkaConnection, definitions: Definitions, writers: WriterFactory, clock: Clock) -> None:
        self._kafka, self._definitions, self._writers, self._clock = kafka, definitions, writers, clock
        self._source_topics = SourceTopics(kafka, definitions.plan)
        self._horizons = asyncio.Semaphore(HORIZONS_AT_ONCE)

    async def recover(self, tasks: Sequence[OwnedTask]) -> dict[str, Recovered]:
        """Recovers tasks whose state lies on one panes partition, reading it once for all of them.

        Any error leaves every writer closed; nothing is lost by trying again.
        """
        limit = asyncio.Semaphore(CLAIMS_AT_ONCE)
        begun = {owned.name: self._begun(owned) for owned in tasks}

        async def claim(recovered: Recovered) -> int:
            async with limit:
                task = recovered.task
                return await recovered.writer.claim(Claim(task.name, task.incarnation, self._clock()))

        async def remember(task: Task, owned: OwnedTask) -> None:
            async with self._horizons:
                await rebuild_identifiers(self._kafka, task, [tp.topic for tp in owned.partitions])

        claiming = [asyncio.ensure_future(claim(recovered)) for recovered in begun.values()]
        under_way: list[asyncio.Future[int] | asyncio.Future[None]] = [*claiming]
        try:
            claims = dict(zip(begun, await asyncio.gather(*claiming), strict=True))
            logged = await read_back(self._kafka, self._writers.broker, tasks[0].partition, claims)
            for owned in tasks:
                task = begun[owned.name].task
                # Beside the loop, on which other tasks are counting.
                await asyncio.to_thread(task.restore, *logged.pop(owned.name))
            await self._source_topics.identify([recovered.task for recovered in begun.values()])
            remembering = [asyncio.ensure_future(remember(begun[owned.name].task, owned)) for owned in tasks]
            under_way += remembering
            await asyncio.gather(*remembering)
        except BaseException:
            # A writer that is closed while it starts would start all the same, and nobody would close it again.
            for each in under_way:
                each.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            await asyncio.gather(*(recovered.writer.close() for recovered in begun.values()), return_exceptions=True)
            raise
        return begun

    async def latest_claim(self, owned: OwnedTask) -> Claim | None:
        """The last claim of the task, its owner's or a rebuild's, committed or not; None where it is long ago."""
        return await latest_claim(self._kafka, owned.name, owned.partition)

    def _begun(self, owned: OwnedTask) -> Recovered:
        definitions, incarnation = self._definitions, uuid.uuid4().hex[:12]
        task = Task(
            definitions.catalogue,
            definitions.plan,
            definitions.plan.units[owned.unit],
            owned.partition,
            incarnation,
            # A broker without transactions does not compact either.
            consolidation=USUAL if self._writers.broker.transactions else None,
        )
        writer: FlushWriter = self._writers.writer(owned.name, owned.partition)
        return Recovered(task, writer)
