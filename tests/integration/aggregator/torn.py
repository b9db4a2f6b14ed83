"""What `faust -A tests.integration.aggregator.torn worker` loads: the real worker, which is killed within a flush.

`TORN_SEED` decides in which, and how much of it stands in the logs by then.
"""

import os
import random
import signal
from contextlib import suppress
from dataclasses import replace
from typing import Any

from kpi.tasks.task import Flush
from services.aggregator import writing
from services.aggregator.root import application
from tests.chaos.worker.seams import around

FIRST, LAST = 1, 5
"""It dies in one of these flushes."""


class Torn:
    """Ends this process at a place that a seed decides."""

    def __init__(self, seed: str, send: Any) -> None:
        self._random, self._send = random.Random(seed), send
        self._left = self._random.randint(FIRST, LAST)

    async def flush(self, producer: Any, partition: int, flush: Flush, *, tombstones: bool) -> None:
        """In the place of `send_flush`."""
        self._left -= 1
        if self._left > 0 or len(flush.records) == 1:
            await self._send(producer, partition, flush, tombstones=tombstones)
            return
        # Without anything for the panes there is no last offset to give.
        with suppress(IndexError):
            await self._send(producer, partition, self._part(flush), tombstones=tombstones)
        os.kill(os.getpid(), signal.SIGKILL)

    def _part(self, flush: Flush) -> Flush:
        """Its beginning: some of what goes to other topics, or that and some of the panes, or all but the marks."""
        place = self._random.choice(("leaving", "panes", "panes", "marks"))
        if place == "leaving":
            moved = flush.moved[: self._random.randint(0, len(flush.moved))]
            rekeyed = flush.rekeyed[: self._random.randint(0, len(flush.rekeyed))]
            return replace(flush, moved=moved, rekeyed=rekeyed, records=[], marks=[])
        stop = len(flush.records) if place == "marks" else self._random.randrange(1, len(flush.records))
        return replace(flush, records=flush.records[:stop], marks=[])


around(writing, "send_flush", lambda send: Torn(os.environ["TORN_SEED"], send).flush)


def __getattr__(name: str) -> Any:
    if name == "app":
        return application()
    raise AttributeError(name)
