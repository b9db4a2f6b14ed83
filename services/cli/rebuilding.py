"""The command `kpi rebuild`: values made anew from what the topics still hold."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from schemas.times import parse_time
from services.cli.catalogues import load_catalogue
from services.cli.console import Report, output, show_errors
from services.cli.context import (
    CatalogueOption,
    NoDefaultOption,
    PackOption,
    broker_of,
    catalogue_overrides,
    load_settings,
    running_catalogue,
)
from services.cli.failures import WRONG_USE, CommandFailed
from services.cli.signals import Interrupted, StopRequest, until_stopped
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.aggregator.rebuilding.watching import Done

commands = typer.Typer()


class Bars:
    """Shows a bar a unit: records, time left. Nothing where the console is no terminal."""

    def __init__(self, console: Console) -> None:
        self._report = Report(console)
        self.bars = Progress(
            TextColumn("  [cyan]rebuild[/cyan]    {task.description}"), BarColumn(24), MofNCompleteColumn(),
            TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._unit, self._read, self._total = "", 0, 0

    def begin(self, unit: str, records: int) -> None:
        """See `Watcher`."""
        self._unit, self._read, self._total = unit, 0, records
        self._task = self.bars.add_task(unit, total=records)

    def advance(self, records: int) -> None:
        """See `Watcher`."""
        self._read += records
        # What came meanwhile is read as well.
        self._total = max(self._read, self._total)
        if self._task is not None:
            self.bars.update(self._task, completed=self._read, total=self._total)

    def switch(self) -> None:
        """See `Watcher`."""
        if self._task is not None:
            self.bars.update(self._task, description=f"{self._unit}, switching")

    def end(self, done: "Done") -> None:
        """See `Watcher`."""
        if self._task is not None:
            self.bars.remove_task(self._task)
        self._task = None
        read = f"{done.records:,} records read in {done.seconds:.1f} s"
        self._report.line("rebuilt", f"{done.unit}: {read}; switched, the workers waited for {done.pause:.1f} s")
        if done.since is not None:
            self._report.notice(f"{done.unit}: not everything was read; `kpi status` says since when which KPI counts")


@commands.command("rebuild", rich_help_panel="Tend")
def rebuild_(
    kpis: Annotated[
        list[str] | None, typer.Argument(metavar="[KPI]...", help="What is computed anew. By default everything.")
    ] = None,
    *,
    moment: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Leave out what was written to the topics before (RFC 3339)."),
    ] = None,
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Compute values anew from the events that the topics still hold, while workers go on.

    After a change of a KPI, so that it counts the past as well; after a topic was made anew. Readers see the old values
    until all new ones are there, and then those. Cut off before that, it changes nothing.
    """
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    _rebuild(settings, kpis or [], None if moment is None else _moment_of(moment))


def _rebuild(settings: Settings, kpis: list[str], moment: int | None) -> None:
    # What only a worker needs otherwise takes a second to load.
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    from kpi.planning import plan  # noqa: PLC0415
    from schemas.wire import UnknownEncoding  # noqa: PLC0415
    from services.aggregator.rebuilding.rebuild import rebuild  # noqa: PLC0415
    from services.aggregator.rebuilding.refusals import RebuildLost, RebuildRefused  # noqa: PLC0415
    from services.aggregator.rebuilding.watching import Order  # noqa: PLC0415
    from services.aggregator.take_over import Definitions  # noqa: PLC0415
    from services.runtime.clock import wall_clock  # noqa: PLC0415

    declared, bars = load_catalogue(settings), Bars(output())
    definitions, order = Definitions(declared, plan(declared)), Order(kpis, moment)
    work = rebuild(broker_of(settings), definitions, order, wall_clock, bars)
    with StopRequest() as stop, bars.bars:
        try:
            asyncio.run(until_stopped(work, stop))
        except (RebuildRefused, RebuildLost, UnknownEncoding) as error:
            raise CommandFailed(str(error)) from None
        except (KafkaError, TimeoutError) as error:
            raise CommandFailed(
                f"Kafka did not answer, or gave the tasks to somebody else ({type(error).__name__}): what is not said "
                "to be rebuilt is as it was. Run the same command again"
            ) from None
        except Interrupted:
            show_errors(
                ["stopped; what is not said to be rebuilt is as it was, or was being switched: never half of it"]
            )
            raise typer.Exit(stop.status) from None


def _moment_of(text: str) -> int:
    try:
        return parse_time(text)
    except ValueError as error:
        raise CommandFailed(f"--from {text!r}: {error}", WRONG_USE) from None
