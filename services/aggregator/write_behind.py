"""Flushes of the tasks: on the timer, early, on revoke and on stop."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import replace

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import ProducerFenced

from services.aggregator.frames import forget_frames
from services.aggregator.listening import Listening
from services.aggregator.measurements import Measurements
from services.aggregator.owned import Holdings, OwnedTask, Recovered
from services.aggregator.regaining import Regaining
from services.aggregator.taking import MOST_RECORDS
from services.runtime.clock import Clock

log = structlog.get_logger(__name__)

HAND_OVER_SECONDS = 5.0
"""How long a rebalance, or the end of the worker, waits for flushes. The group waits for its slowest member."""


class WriteBehind:
    """Writes what the tasks have taken, each task for itself: one that the broker keeps waiting holds up no other."""

    def __init__(
        self,
        holdings: Holdings,
        listening: Listening,
        regaining: Regaining,
        measurements: Measurements,
        clock: Clock,
    ) -> None:
        self._holdings, self._listening = holdings, listening
        self._regaining, self._measurements, self._clock = regaining, measurements, clock
        self._flushes: set[asyncio.Task[None]] = set()

    def begin_all(self) -> None:
        """Begins a flush of every task that has none under way."""
        for owned in self._holdings.owned.values():
            if not owned.lock.locked():
                self._begin(owned)

    async def flush_all(self) -> None:
        """Writes what changed in every task; returns at the latest after `HAND_OVER_SECONDS`.

        What is not confirmed by then goes on by itself, and ends one way or the other. Whoever has the task next shuts
        it out.
        """
        begun = [self._begin(owned) for owned in self._holdings.owned.values()]
        if begun:
            _, late = await asyncio.wait(begun, timeout=HAND_OVER_SECONDS)
            if late:
                log.warning("the broker has not confirmed all flushes in time", tasks=len(late))

    async def end(self, owned: OwnedTask, places: Collection[TopicPartition]) -> None:
        """Ends once more what the task has written to these partitions; after a failure as after that of a flush."""
        async with owned.lock:
            recovered = owned.recovered
            if recovered is None or not self._holdings.mine(owned):
                return
            try:
                await recovered.writer.end(places)
            except Exception as error:  # noqa: BLE001 (as in a flush)
                self._failed(owned, recovered, error)

    def _begin(self, owned: OwnedTask) -> asyncio.Task[None]:
        flush = asyncio.ensure_future(self._flush(owned))
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)
        return flush

    async def _flush(self, owned: OwnedTask) -> None:
        """Writes what changed. After any failure the outcome is unknown, and the state is read back."""
        async with owned.lock:
            recovered = owned.recovered
            if recovered is None or not self._holdings.mine(owned):
                return
            started, covered = time.perf_counter(), owned.unwritten
            task, told = recovered.task, owned.fencings
            try:
                self._listening.advance(owned, task, asyncio.get_running_loop().time(), self._clock())
                flush = task.flush(self._clock())
                if flush is None:
                    return
                await recovered.writer.write(flush)
            except Exception as error:  # noqa: BLE001 (fenced, timed out, unknown: the state is no longer trusted)
                self._failed(owned, recovered, error)
                return
            seconds = time.perf_counter() - started
            owned.unwritten -= covered
            owned.fencings -= told
            owned.kept = False
            task.work = replace(task.work, flush=round(seconds * 1000))
            self._measurements.flushed(flush, seconds)
            if owned.throttled and owned.unwritten <= MOST_RECORDS // 2:
                owned.throttled = False
                await self._regaining.read_on(owned)

    def _failed(self, owned: OwnedTask, recovered: Recovered, error: Exception) -> None:
        if owned.recovered is recovered:
            fenced = isinstance(error, ProducerFenced)
            log.warning("a flush failed; the task is read back", task=owned.name, error=repr(error))
            self._measurements.lost(fenced=fenced)
            self._regaining.regain(owned, fenced=fenced)
        forget_frames(error)
