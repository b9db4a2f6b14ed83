"""The commands that run something until it is stopped: everything, or one service."""

import asyncio
from typing import Annotated

import typer

from schemas.kpis import Catalogue
from services.cli import broker as embedded
from services.cli.catalogues import load_catalogue
from services.cli.console import Report, output
from services.cli.context import CatalogueOption, NoDefaultOption, PackOption, catalogue_overrides, load_settings
from services.cli.installation import Installation, start_workers
from services.cli.lock import FolderLock
from services.cli.signals import Interrupted, StopRequest
from services.cli.supervisor import Supervisor
from services.runtime.settings import Settings

commands = typer.Typer()

InsecureOption = Annotated[
    bool, typer.Option("--insecure", help="Listen beyond this machine without asking for tokens.", show_default=False)
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many aggregator workers.")]


@commands.command(rich_help_panel="Run")
def up(
    *,
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    workers: WorkersOption = 1,
    simulate: Annotated[bool, typer.Option("--simulate", help="Send simulated events as well.")] = False,
    insecure: InsecureOption = False,
) -> None:
    """Run everything on this machine: broker (embedded, unless settings name one), ingest, workers and api.

    Stops on Ctrl-C (exit status 130) and SIGTERM (0).
    """
    overrides = catalogue_overrides(catalogue, pack, no_default_catalogue)
    settings = load_settings(**overrides, insecure=insecure or None)
    declared = load_catalogue(settings)
    report = Report(output())
    report.title("kpi up")
    with FolderLock(settings.data_dir), StopRequest() as stop:
        children = Supervisor(stop, report.notice)
        installation = Installation(settings, declared, workers, children, report)
        try:
            installation.start()
            if simulate:
                installation.simulate()
            installation.watch()
        except Interrupted:
            pass
        finally:
            installation.stop()
    report.line("stopped", "everything has ended")
    raise typer.Exit(stop.status)


@commands.command(rich_help_panel="Run")
def ingest(
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    insecure: InsecureOption = False,
) -> None:
    """Run the door in: HTTP to Kafka."""
    from services.ingest.root import run  # noqa: PLC0415 - heavy, and no other command wants it

    settings, declared = _service(catalogue, pack, no_default_catalogue, insecure)
    asyncio.run(run(settings, declared))


@commands.command(rich_help_panel="Run")
def api(
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    insecure: InsecureOption = False,
) -> None:
    """Run the api: values, the page and the metrics."""
    from services.api.root import run  # noqa: PLC0415 - heavy, and no other command wants it

    settings, declared = _service(catalogue, pack, no_default_catalogue, insecure)
    asyncio.run(run(settings, declared))


@commands.command(rich_help_panel="Run")
def aggregator(
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    workers: WorkersOption = 1,
    insecure: InsecureOption = False,
) -> None:
    """Run aggregator workers: the windowed tables. With several, each is a process of its own."""
    settings, declared = _service(catalogue, pack, no_default_catalogue, insecure)
    if workers == 1:
        from services.aggregator.root import run  # noqa: PLC0415 - heavy, and no other command wants it

        raise typer.Exit(run(settings, declared))
    report = Report(output())
    with StopRequest() as stop:
        children = Supervisor(stop, report.notice)
        try:
            metrics = start_workers(settings, workers, children)
            report.line("workers", f"{workers}, metrics at {', '.join(metrics)}")
            children.watch(children.check)
        finally:
            children.stop()
    raise typer.Exit(stop.status)


@commands.command(hidden=True)
def broker() -> None:
    """Run the embedded broker, as `kpi up` does."""
    asyncio.run(embedded.run(load_settings()))


def _service(
    catalogue: CatalogueOption, pack: PackOption, no_default_catalogue: bool, insecure: bool
) -> tuple[Settings, Catalogue]:
    overrides = catalogue_overrides(catalogue, pack, no_default_catalogue)
    settings = load_settings(**overrides, insecure=insecure or None)
    return settings, load_catalogue(settings)
