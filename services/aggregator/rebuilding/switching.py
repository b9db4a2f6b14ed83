"""The switch: workers are shut out for a moment, and what was rebuilt counts from one commit to the next."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from aiokafka.errors import KafkaError

from kpi.tasks.task import Flush
from schemas.wire import Claim
from services.aggregator.rebuilding.refusals import RebuildLost
from services.aggregator.writing import PreparedWriter, WriterFactory
from services.runtime.clock import Clock

ALONE_SECONDS = 60.0
"""For so long workers leave the tasks alone. A rebuild that ends early gives them back."""
AT_ONCE = 8
Result = TypeVar("Result")


class Switch:
    """Holds the tasks of a unit from its claims until it is closed. `tasks`: partition by name."""

    def __init__(self, writers: WriterFactory, tasks: Mapping[str, int], incarnation: str, clock: Clock) -> None:
        self._incarnation, self._clock = incarnation, clock
        self._writers: dict[str, PreparedWriter] = {
            name: writers.writer(name, partition) for name, partition in tasks.items()
        }
        self._claimed: set[str] = set()
        self._claimed_at = 0

    async def claim(self) -> dict[str, int]:
        """Shuts out whoever has the tasks; the offset of each claim. Raises KafkaError, TimeoutError."""

        self._claimed_at = self._clock()

        async def claim(name: str, writer: PreparedWriter) -> int:
            self._claimed.add(name)
            return await writer.claim(self._claim(name, ALONE_SECONDS))

        return dict(zip(self._writers, await self._each(claim, self._writers), strict=True))

    async def renew(self) -> None:
        """Asks for as much time again, where half of it has passed."""
        if self._clock() - self._claimed_at < ALONE_SECONDS * 500:
            return

        async def renew(name: str, writer: PreparedWriter) -> int:
            return await writer.renew(self._claim(name, ALONE_SECONDS))

        await self._each(renew, self._writers)

    async def write(self, flushes: Mapping[str, Flush]) -> None:
        """Makes all flushes ready, then lets them count, the first before the others.

        Any error before the first counts changes nothing. Raises RebuildLost where it may have happened later. Who
        asks to stop while they begin to count waits until they do: half of it would be worse than either.
        """

        async def prepare(name: str, writer: PreparedWriter) -> None:
            await writer.prepare(flushes[name])

        try:
            await self._each(prepare, flushes)
        except BaseException:
            await self._give_up(flushes)
            raise
        await _unbroken(self._count(list(flushes)))

    async def _count(self, names: Sequence[str]) -> None:
        async def commit(_: str, writer: PreparedWriter) -> None:
            await writer.commit()

        try:
            # Who was shut out himself by another rebuild learns it here, before anything counts.
            await self._each(commit, names[:1])
        except BaseException:
            await self._give_up(names)
            raise
        try:
            await self._each(commit, names[1:])
        except (KafkaError, TimeoutError) as error:
            raise RebuildLost(
                f"the switch was cut off in the middle ({type(error).__name__}): some partitions have the new values, "
                "and say so. Run the same command again"
            ) from error

    async def close(self) -> None:
        """Gives the tasks back to the workers, and lets go of the connections."""

        async def release(name: str, writer: PreparedWriter) -> None:
            if name in self._claimed:
                with suppress(KafkaError, TimeoutError, AssertionError):
                    await writer.renew(self._claim(name, 0.0))
            await writer.close()

        await self._each(release, self._writers)

    async def _each(
        self, work: Callable[[str, PreparedWriter], Awaitable[Result]], names: Iterable[str]
    ) -> list[Result]:
        """Does it for these tasks, a few at once. Where one fails, the others have ended before that is raised."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> Result:
            async with limit:
                return await work(name, self._writers[name])

        ends = await asyncio.gather(*(one(name) for name in names), return_exceptions=True)
        if errors := [end for end in ends if isinstance(end, BaseException)]:
            raise errors[0]
        return [end for end in ends if not isinstance(end, BaseException)]

    def _claim(self, task: str, seconds: float) -> Claim:
        now = self._clock()
        return Claim(task, self._incarnation, now, now + round(seconds * 1000) if seconds else 0)

    async def _give_up(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(KafkaError, TimeoutError, AssertionError):
                await self._writers[name].abort()


async def _unbroken(work: Awaitable[Result]) -> Result:
    """Its result; a cancellation takes effect only after it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
