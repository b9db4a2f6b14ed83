"""Named steps of a flush at which a worker ends or stands still, once, when a file says so.

The file holds `<point> kill` or `<point> stop`. A claim is a producer's first transaction; those after it are flushes.
"""

import asyncio
import functools
import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from aiokafka import AIOKafkaProducer

from schemas.topics import PANES
from services.aggregator import sending
from tests.chaos.worker.seams import around

POINTS = {
    "before": "before anything of a flush is sent",
    "leaving": "after the records for other topics, before the panes",
    "panes": "after the panes, before the progress",
    "sent": "after all sends, before the commit",
    "committing": "while the commit is under way",
    "committed": "after the commit, before anybody in the worker knows",
}
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_COMMIT_SECONDS = 0.01

Packed = tuple[bytes, bytes | None]


def install(file: Path) -> None:
    """Puts the points into the client's producer and around the sending of panes. `file`: what arms them."""
    points = _Points(file)
    around(AIOKafkaProducer, "begin_transaction", points.beginning)
    around(AIOKafkaProducer, "commit_transaction", points.committing)
    around(AIOKafkaProducer, "send", functools.partial(points.sending, 0))
    around(AIOKafkaProducer, "send_batch", functools.partial(points.sending, 1))
    around(sending, "send_packed", points.packing)


CLAIMS = 2
"""Transactions with which a producer begins: the claim, given up and again."""


class _Points:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._begun: WeakKeyDictionary[AIOKafkaProducer, int] = WeakKeyDictionary()
        """How many transactions each producer has begun."""
        self._left: WeakKeyDictionary[AIOKafkaProducer, bool] = WeakKeyDictionary()
        """Whether its present one has sent to other topics than the panes."""

    def _armed(self, point: str) -> bool:
        return self._file.exists() and self._file.read_text().startswith(f"{point} ")

    def _reach(self, point: str) -> None:
        """Ends this process, or stops it, where that is asked for here."""
        if self._armed(point):
            action = self._file.read_text().split()[1]
            self._file.unlink()
            os.kill(os.getpid(), _SIGNALS[action])

    def _flushing(self, producer: AIOKafkaProducer) -> bool:
        return self._begun.get(producer, 0) > CLAIMS

    def beginning(self, begin: Any) -> Any:
        """Around `begin_transaction`."""

        @functools.wraps(begin)
        async def wrapped(producer: AIOKafkaProducer) -> None:
            self._begun[producer] = self._begun.get(producer, 0) + 1
            self._left[producer] = False
            if self._flushing(producer):
                self._reach("before")
            await begin(producer)

        return wrapped

    def committing(self, commit: Any) -> Any:
        """Around `commit_transaction`."""

        @functools.wraps(commit)
        async def wrapped(producer: AIOKafkaProducer) -> None:
            if not self._flushing(producer):
                await commit(producer)
                return
            self._reach("sent")
            under_way = asyncio.ensure_future(commit(producer))
            if self._armed("committing"):
                await asyncio.sleep(random.uniform(0, _COMMIT_SECONDS))
                self._reach("committing")
            await under_way
            self._reach("committed")

        return wrapped

    def packing(self, pack: Any) -> Any:
        """Around the sending of panes, which puts them and the progress into one batch."""

        @functools.wraps(pack)
        async def wrapped(producer: AIOKafkaProducer, partition: int, records: Sequence[Packed]) -> Any:
            if self._flushing(producer) and len(records) > 1 and self._armed("panes"):
                await pack(producer, partition, records[:-1])
                self._reach("panes")
                return await pack(producer, partition, records[-1:])
            return await pack(producer, partition, records)

        return wrapped

    def sending(self, place: int, send: Any) -> Any:
        """Around `send` and `send_batch`. `place`: which of the arguments is the topic."""

        @functools.wraps(send)
        async def wrapped(producer: AIOKafkaProducer, *arguments: Any, **named: Any) -> Any:
            if arguments[place] != PANES:
                self._left[producer] = True
            elif self._flushing(producer) and self._left.get(producer):
                self._reach("leaving")
            return await send(producer, *arguments, **named)

        return wrapped
