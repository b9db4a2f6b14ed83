"""The command `kpi demo`."""

import time
from contextlib import suppress
from typing import Annotated

import typer

from services.cli.catalogues import load_catalogue
from services.cli.context import load_settings
from services.cli.demo.scenario import PIZZERIA, Demo
from services.cli.failures import CommandFailed
from services.cli.lock import FolderLock
from services.cli.signals import Interrupted, StopRequest

commands = typer.Typer()


@commands.command(rich_help_panel="Run")
def demo(
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="End so long after the first live value, with the final values and the books."),
    ] = None,
) -> None:
    """Show everything on two real data sets, replayed to end now, with two workers on the embedded broker."""
    began = time.monotonic()
    settings = load_settings(
        catalogue=(PIZZERIA,) if PIZZERIA.is_dir() else None, packs=("sales", "marketing", "service")
    )
    if settings.kafka_bootstrap_servers is not None:
        raise CommandFailed("the demo's data do not belong into a Kafka of yours: unset KPI_KAFKA_BOOTSTRAP_SERVERS")
    if not PIZZERIA.is_dir():
        raise CommandFailed("the demo needs the project's source: examples/pizzeria is not in the installed package")
    with FolderLock(settings.data_dir), StopRequest() as stop, suppress(Interrupted):
        Demo(settings, load_catalogue(settings), stop, began).run(seconds)
    raise typer.Exit(stop.status)
