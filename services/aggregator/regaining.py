"""Getting tasks, and getting them back: whatever fails, a task's state is thrown away and read again."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog
from aiokafka.errors import KafkaError

from kpi.topology import panes_partition
from schemas.wire import UnknownEncoding
from services.aggregator.flow import Flow
from services.aggregator.frames import forget_frames
from services.aggregator.measurements import Measurements
from services.aggregator.owned import Holdings, OwnedTask, Recovered
from services.aggregator.refusing import REFUSED, Refusing
from services.aggregator.take_over import TakeOver
from services.runtime.allocation import give_back

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 3.0
PEEK_SECONDS, CLAIM_SECONDS = 1.0, 5.0
FIRST_SECONDS, FRESH_SECONDS = 3.0, 0.1
"""So long a take-over goes before other tasks' writing, since nobody counts for its tasks; and how exactly."""
SLOW_SECONDS = 60.0
"""A take-over that goes on for so long is said, whatever it waits for."""


class Regaining:
    """Takes tasks over, each as often as it must be, for as long as it is held."""

    def __init__(
        self, holdings: Holdings, flow: Flow, take_over: TakeOver, refusing: Refusing, measurements: Measurements
    ) -> None:
        self._holdings, self._flow, self._take_over = holdings, flow, take_over
        self._refusing, self._measurements = refusing, measurements
        self._jobs: set[asyncio.Task[None]] = set()
        self._fresh: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Ends what is under way, and lets go of every task."""
        for owned in self._holdings.drop(list(self._holdings.owned)):
            if owned.job is not None:
                owned.job.cancel()
            self.let_go(owned)
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def take_over(self, tasks: Iterable[OwnedTask], delay: float = 0.0) -> None:
        """Starts to take over, after `delay` seconds; those of one panes partition together. Returns at once."""
        by_panes: dict[int, list[OwnedTask]] = {}
        for owned in tasks:
            by_panes.setdefault(panes_partition(owned.partition), []).append(owned)
        for together in by_panes.values():
            job = self._begun(self._until_taken(together, delay))
            # One that is tried again and again would slow down everybody's writing.
            if not delay:
                self._fresh.add(job)
                job.add_done_callback(self._fresh.discard)
                asyncio.get_running_loop().call_later(FIRST_SECONDS, self._fresh.discard, job)
            for owned in together:
                owned.job = job

    async def taken(self) -> None:
        """Waits for the take-overs that began a short while ago."""
        while self._fresh:
            await asyncio.wait(set(self._fresh), timeout=FRESH_SECONDS)

    def let_go(self, owned: OwnedTask) -> None:
        """Its writer closes; the task counts no more. Returns at once.

        Its take-over, if one is under way, serves other tasks too: it sees for itself that this one has left.
        """
        recovered, owned.recovered = owned.recovered, None
        if recovered is not None:
            self._begun(recovered.writer.close())

    def again(self, owned: OwnedTask, delay: float = 0.0) -> None:
        """Forgets everything about the task and takes it over anew, after `delay` seconds."""
        if self._holdings.mine(owned):
            fresh = owned.renewed()
            self._holdings.put([fresh])
            self.take_over([fresh], delay)
        self.let_go(owned)

    def regain(self, owned: OwnedTask, *, fenced: bool) -> None:
        """A write failed: its outcome is not known, and the state is no longer trusted. Returns at once.

        `fenced`: because somebody else has claimed the task.
        """
        recovered, owned.recovered = owned.recovered, None
        if recovered is not None:
            self._begun(recovered.writer.close())
            self._begun(self._stand_still(owned, recovered.task.incarnation if fenced else None))

    async def read_on(self, owned: OwnedTask) -> None:
        """Ends a pause, and seeks our position, not the committed one: what was fetched meanwhile was dropped."""
        while self._holdings.mine(owned) and owned.recovered is not None:
            here = self._flow.here()
            found = {tp: self._holdings.place(tp) for tp in owned.partitions if tp in here}
            places = {tp: place for tp, place in found.items() if place is not None}
            try:
                if places:
                    await self._flow.read_from(places)
                return
            except (KafkaError, TimeoutError):
                # It left, or nobody answers: a pause that is never ended would silence the partition for good.
                await asyncio.sleep(FIRST_RETRY_SECONDS)

    def _begun(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        job = asyncio.ensure_future(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return job

    async def _until_taken(self, tasks: list[OwnedTask], delay: float) -> None:
        await asyncio.sleep(delay)
        retry, last = FIRST_RETRY_SECONDS, ""
        while tasks := [owned for owned in tasks if self._holdings.mine(owned)]:
            started, names = time.perf_counter(), [owned.name for owned in tasks]
            slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, _say_slow, names)
            try:
                recovered = await self._take_over.recover(tasks)
            except REFUSED as error:
                self._refusing.refuse(error)
                return
            except Exception as error:  # noqa: BLE001 (whatever it was, the task must be taken over by somebody)
                # An outage may last for days, and is said once.
                if repr(error) != last:
                    last = repr(error)
                    log.warning("take-over failed, trying on", tasks=names, error=last)
                forget_frames(error)
                await asyncio.sleep(retry)
                retry = min(2 * retry, LONGEST_RETRY_SECONDS)
                continue
            finally:
                slow.cancel()
            seconds = time.perf_counter() - started
            await asyncio.gather(*(self._begin(owned, recovered[owned.name], seconds) for owned in tasks))
            self._measurements.took_over(len(tasks), seconds)
            # The log of the tasks is read, and gone; so is what was lost before.
            await asyncio.to_thread(give_back)
            return

    async def _begin(self, owned: OwnedTask, recovered: Recovered, seconds: float) -> None:
        if not self._holdings.mine(owned):
            await recovered.writer.close()
            return
        before = recovered.task.work
        recovered.task.work = replace(
            before,
            take_overs=before.take_overs + 1,
            fencings=before.fencings + owned.fencings,
            recovery=round(seconds * 1000),
        )
        owned.begin(recovered, asyncio.get_running_loop().time())
        await self.read_on(owned)
        log.info("took over", task=owned.name, rows=recovered.task.row_count, entities=recovered.task.entity_count)

    async def _stand_still(self, owned: OwnedTask, fenced: str | None) -> None:
        """Takes over again only if the group still says that the task is ours. `fenced`: the incarnation that was.

        A zombie learns within a heartbeat that it is out. Were it wrong, it would fence the rightful owner once, who
        regains: that costs time, never exactness.
        """
        if fenced is not None:
            owned.fencings += 1
            await self._leave_alone(owned, fenced)
        while self._holdings.mine(owned):
            await asyncio.sleep(1.5 * self._flow.heartbeat)
            if self._flow.settled(owned.partitions):
                self.again(owned)
                return

    async def _leave_alone(self, owned: OwnedTask, fenced: str) -> None:
        """Who fenced us may have asked for a while without us, as a rebuild does before it writes.

        Both ends of that while are of the same clock, which need not be ours. The claim follows on the fence.
        """
        loop, seen = asyncio.get_running_loop(), None
        end = loop.time() + CLAIM_SECONDS
        while self._holdings.mine(owned):
            # What else may be wrong with the log, whoever reads all of it says.
            with suppress(KafkaError, UnknownEncoding):
                claim = await self._take_over.latest_claim(owned)
                # Not found among the last records any more: the while that was asked for is still to be waited for.
                if claim is not None and claim != seen and claim.incarnation != fenced:
                    seen, end = claim, loop.time() + max(0, claim.until - claim.at) / 1000
            if loop.time() >= end:
                return
            await asyncio.sleep(PEEK_SECONDS)


def _say_slow(tasks: Sequence[str]) -> None:
    log.warning("a take-over takes long, and goes on", tasks=tasks, seconds=SLOW_SECONDS)
