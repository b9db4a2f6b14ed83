"""SIGINT and SIGTERM as a request to stop, which the main loop looks at when it can."""

import signal
import threading
from types import FrameType
from typing import Self

from services.cli.failures import INTERRUPTED

STATUS_OF = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: 0}
"""Exit status by signal: a shell expects 130 after Ctrl-C; SIGTERM asks for a clean stop, which is a success."""


class Interrupted(Exception):
    """A stop was requested while something was being waited for."""


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
