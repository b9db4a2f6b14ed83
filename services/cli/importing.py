"""The import of files, with its progress on the terminal."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from schemas.kpis import Catalogue
from schemas.times import parse_time
from services.cli.failures import WRONG_USE, CommandFailed
from services.cli.signals import StopRequest, until_stopped
from services.ingest.importing import FileRefused, ImportRefused, ImportResult, import_files
from services.ingest.importing.chunks import ChunkNotWritten
from services.runtime.clock import wall_clock
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported, and how. `as_of`: epoch milliseconds; the rest as `import_files` takes it."""

    files: Sequence[Path]
    stream: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    speed: float | None = None
    as_of: int | None = None
    backfill: bool = False


class ProgressBar:
    """Shows a bar a file: rows, rate, time left. Nothing where the console is no terminal."""

    def __init__(self, console: Console) -> None:
        self.bars = Progress(
            TextColumn("  [cyan]import[/cyan]     {task.description}"), BarColumn(24), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=console, transient=True,
            disable=not console.is_terminal,
        )  # fmt: skip
        self._task: TaskID | None = None

    def begin(self, file: Path, rows: int, before: int) -> None:
        """A file of about so many rows, of which `before` were dealt with earlier."""
        self._task = self.bars.add_task(escape(file.name), total=rows, completed=before, rate="")

    def advance(self, rows: int) -> None:
        """So many rows of it are done."""
        if self._task is not None:
            self.bars.advance(self._task, rows)
            speed = self.bars.tasks[self._task].speed
            self.bars.update(self._task, rate=f"{speed:,.0f}/s" if speed else "")

    def end(self) -> None:
        """The file is done."""
        if self._task is not None:
            self.bars.update(self._task, total=self.bars.tasks[self._task].completed)


def run_import(
    settings: Settings, catalogue: Catalogue, order: ImportOrder, console: Console, stop: StopRequest
) -> ImportResult:
    """Import, and return once everything is confirmed.

    Raises CommandFailed for what cannot be imported, Interrupted on a stop request; the same import goes on later.
    """
    progress = ProgressBar(console)
    work = import_files(
        settings, catalogue, order.files, order.stream, mapping=order.mapping, speed=order.speed, as_of=order.as_of,
        backfill=order.backfill, report=progress,
    )  # fmt: skip
    try:
        with progress.bars:
            return asyncio.run(until_stopped(work, stop))
    except (FileRefused, ImportRefused, ChunkNotWritten) as error:
        raise CommandFailed(str(error)) from None


def mapping_of(texts: Sequence[str]) -> dict[str, str]:
    """`column=field` as field -> column. CommandFailed for anything else."""
    mapping = {}
    for text in texts:
        column, separator, name = text.rpartition("=")
        if not separator:
            raise CommandFailed(f"--map {text!r} is not column=field, such as Date=time", WRONG_USE)
        mapping[name] = column
    return mapping


def speed_of(text: str) -> float:
    """`60x` -> 60.0: so many seconds of events a second. CommandFailed for anything else."""
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise CommandFailed(f"--speed {text!r}: give how many times faster than life, such as 60x", WRONG_USE)
    return speed


def moment_of(text: str) -> int:
    """`now` or RFC 3339, as epoch milliseconds. CommandFailed for anything else."""
    if text == "now":
        return wall_clock()
    try:
        return parse_time(text)
    except ValueError:
        raise CommandFailed(
            f"--as-of {text!r}: give now, or a time with its offset, such as 2026-11-22T14:00:00Z", WRONG_USE
        ) from None
