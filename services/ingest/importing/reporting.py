"""How an import shows itself: a bar with rate and time left on a terminal, plain lines elsewhere."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


class BarReport:
    """A progress bar for each file. Use it as a context."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=console,
        )
        self._task: TaskID | None = None
        self._began = 0.0
        self._rows = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, file: Path, rows: int, before: int) -> None:
        """A file of about so many rows, of which `before` were dealt with earlier."""
        self._task = self._progress.add_task(file.name, total=rows, completed=before, rate="")
        self._began, self._rows = time.monotonic(), 0

    def advance(self, rows: int) -> None:
        """So many rows of it stand on Kafka, or were rejected."""
        if self._task is not None:
            self._rows += rows
            self._progress.update(self._task, advance=rows, rate=_rate(self._rows, self._began))

    def end(self) -> None:
        """The file is done."""
        if self._task is not None:
            # The number of rows was an estimate: lines may be blank, and cells may hold line breaks.
            completed = self._progress.tasks[self._task].completed
            self._progress.update(self._task, total=completed)
            self._task = None


class LineReport:
    """A line now and then, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._file = ""
        self._total = 0
        self._done = 0
        self._rows = 0
        self._began = 0.0
        self._said = 0.0

    def begin(self, file: Path, rows: int, before: int) -> None:
        """A file of about so many rows, of which `before` were dealt with earlier."""
        self._file, self._total, self._done, self._rows = file.name, rows, before, 0
        self._began = self._said = time.monotonic()
        if before:
            self._write(f"continues after row {before}")

    def advance(self, rows: int) -> None:
        """So many rows of it stand on Kafka, or were rejected."""
        self._done += rows
        self._rows += rows
        if time.monotonic() - self._said >= LINE_SECONDS:
            self._said = time.monotonic()
            self._write(f"{self._done} of about {self._total} rows, {_rate(self._rows, self._began)}")

    def end(self) -> None:
        """The file is done."""
        self._write(f"{self._done} rows, {_rate(self._rows, self._began)}")

    def _write(self, text: str) -> None:
        self._stream.write(f"{self._file}: {text}\n")
        self._stream.flush()


def _rate(rows: int, began: float) -> str:
    seconds = time.monotonic() - began
    return f"{rows / seconds:,.0f} rows/s" if seconds > 0 else ""
