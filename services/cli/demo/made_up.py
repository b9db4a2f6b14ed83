"""The simulated part of the demo, beside the real data."""

import asyncio
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Self

from schemas.kpis import Catalogue
from services.ingest.simulate import simulate
from services.runtime.settings import Settings

RATE = 6.0
PAST_SECONDS = 1800.0
"""So that the first tickets have answers, and the windows something in them, when people begin to look."""


class MadeUp:
    """While entered, a thread sends simulated events of the catalogue's streams, from a while ago on.

    `without`: the streams that real data fill, which are left alone.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue, without: Collection[str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(
            simulate(settings, catalogue, rate=RATE, past=PAST_SECONDS, without=without)
        )
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()
        self._loop.close()
        # A simulation that failed of itself is worth knowing of, unless something else failed already.
        if error is None and not self._task.cancelled():
            self._task.result()

    def _run(self) -> None:
        self._loop.run_until_complete(asyncio.wait({self._task}))
