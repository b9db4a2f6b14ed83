"""SIGINT and SIGTERM as a request to stop, which the main loop looks at when it can."""

import asyncio
import signal
import threading
from collections.abc import Coroutine
from types import FrameType
from typing import Any, Self, TypeVar

from services.cli.failures import INTERRUPTED

POLL_SECONDS = 0.1
Result = TypeVar("Result")
STATUS_OF = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: 0}
"""Exit status by signal: a shell expects 130 after Ctrl-C; SIGTERM asks for a clean stop, which is a success."""


class Interrupted(Exception):
    """A stop was requested while something was being waited for."""


async def until_stopped(work: Coroutine[Any, Any, Result], stop: "StopRequest") -> Result:
    """The result of `work`, which is cancelled on a stop request: then Interrupted is raised."""
    task = asyncio.create_task(work)
    while not task.done():
        if stop.wait(0):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise Interrupted
        await asyncio.wait({task}, timeout=POLL_SECONDS)
    return task.result()


class StopRequest:
    """Takes SIGINT and SIGTERM while entered; `status` is what the process should then exit with."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.status = 0

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._take) for number in STATUS_OF}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Whether a stop was requested within this time."""
        return self._asked.wait(seconds)

    def raise_if_requested(self) -> None:
        """Raise Interrupted where a stop was requested."""
        if self._asked.is_set():
            raise Interrupted

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.status = STATUS_OF[signal.Signals(number)]
        self._asked.set()
