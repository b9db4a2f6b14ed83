"""The calls that are still to come, sent at their own times."""

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import polars as pl
from pydantic import JsonValue

from services.cli.demo.bank_calls import STREAM
from services.client.errors import ServiceError
from services.client.ingest import IngestClient
from services.runtime.clock import Clock

INTERVAL_SECONDS = 0.5


class LiveCalls:
    """While entered, a thread sends every row of `calls` (as `bank_calls.calls` gives them) when its time has come.

    `clock` gives epoch milliseconds. What ingest cannot take now is sent with the next ones: ids make that safe.
    """

    def __init__(self, ingest: IngestClient, calls: pl.DataFrame, clock: Clock) -> None:
        self._ingest = ingest
        self._rows = calls.to_dicts()
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live calls", daemon=True)
        self.accepted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_SECONDS) and self._rows:
            now = self._clock()
            due: list[Mapping[str, JsonValue]] = [row for row in self._rows if row["time"] <= now]
            if not due:
                continue
            try:
                self.accepted += self._ingest.send_events(STREAM, due).accepted
            except ServiceError:
                continue
            self._rows = self._rows[len(due) :]
