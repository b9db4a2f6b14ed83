"""`faust -A benchmarks.recovery.observed worker`: a worker that notes when it counts and writes.

A line a batch or flush, in the file that `BENCH_NOTES` names: seconds of the machine's monotonic clock, `took` or
`wrote`, the task.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kpi.tasks.source import RawBatch
from kpi.tasks.task import Flush, Task
from services.aggregator.root import application
from services.aggregator.writing import TransactionalWriter

NOTES = "BENCH_NOTES"


def _observed(note: Callable[[str, str], None]) -> None:
    take, write = Task.take, TransactionalWriter.write

    def noted_take(task: Task, topic: str, batch: RawBatch) -> None:
        take(task, topic, batch)
        note("took", task.name)

    async def noted_write(writer: TransactionalWriter, flush: Flush) -> None:
        await write(writer, flush)
        note("wrote", flush.records[-1].task)

    Task.take = noted_take  # type: ignore[assignment, method-assign]
    TransactionalWriter.write = noted_write  # type: ignore[assignment, method-assign]


def _noting(path: Path) -> Callable[[str, str], None]:
    file = path.open("a", buffering=1)

    def note(what: str, task: str) -> None:
        file.write(f"{time.monotonic():.4f} {what} {task}\n")

    return note


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    _observed(_noting(Path(os.environ[NOTES])))
    globals()["app"] = application()
    return globals()["app"]
