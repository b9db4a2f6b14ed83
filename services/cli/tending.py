"""The commands that look after a catalogue and its topics."""

import asyncio
import datetime
from pathlib import Path
from typing import Annotated

import typer

from kpi.explaining import explanation
from kpi.topology import topic_specs
from services.cli import check as checking
from services.cli import explaining
from services.cli.catalogues import load_catalogue
from services.cli.console import Report, output
from services.cli.context import (
    CatalogueOption,
    NoDefaultOption,
    PackOption,
    broker_of,
    catalogue_overrides,
    load_settings,
    running_catalogue,
)
from services.cli.failures import FAILED, CommandFailed
from services.cli.smart import check_smart
from services.runtime.catalogue.mistakes import listed, nearest
from services.runtime.topics import ensure_topics

commands = typer.Typer()


@commands.command(rich_help_panel="Tend")
def topics(
    catalogue: CatalogueOption = None, pack: PackOption = None, no_default_catalogue: NoDefaultOption = False
) -> None:
    """Create the topics that are missing, add declared partitions where nothing depends on them, check the others."""
    settings = load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue))
    specs = topic_specs(load_catalogue(settings))
    kafka = broker_of(settings)
    done = asyncio.run(ensure_topics(kafka, specs, settings.replication_factor))
    report = Report(output())
    for name in done.created:
        report.line("created", name)
    for name, partitions in done.widened.items():
        report.line("widened", f"{name}, {partitions} partitions: restart the workers")
    report.line("topics", f"{len(specs)} on {kafka.bootstrap_servers}, of which {len(done.created)} new")


@commands.command(rich_help_panel="Tend")
def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR...", help="Folders of declarations.", exists=True)
    ] = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
    smart: Annotated[
        bool,
        typer.Option(
            "--smart",
            help="Then say what the KPIs of these folders (or all, without one) lack to be specific, measurable, "
            "achievable, relevant and dated (exit status 1). Asks the api that runs, if one does.",
        ),
    ] = False,
) -> None:
    """Check folders of declarations, with the shipped ones: every mistake in one run (exit status 1)."""
    if not folders and not smart:
        raise typer.BadParameter("name a folder of declarations", param_hint="DIR...")
    catalogue = checking.checked(folders or [], pack, not no_default_catalogue)
    if catalogue is None:
        raise typer.Exit(FAILED)
    if smart:
        today = datetime.datetime.now(datetime.UTC).date()
        raise typer.Exit(check_smart(catalogue, folders or [], load_settings(), today))


@commands.command(rich_help_panel="Ask")
def explain(
    kpi: Annotated[str, typer.Argument(help="The KPI's id.", metavar="KPI")],
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Say in words what a KPI is: what it counts and what not, when it is final, what is aimed at, an example."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    declared = load_catalogue(settings)
    if kpi not in declared.kpis:
        hint = nearest(kpi, declared.kpis)
        meant = f"did you mean {hint!r}?" if hint else f"known are {listed(declared.kpis, 'and')}"
        raise CommandFailed(f"no KPI is named {kpi!r}; {meant}")
    explaining.show(explanation.explain(declared, kpi), output())


@commands.command(rich_help_panel="Tend")
def rules(
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files are written.")],
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Write the Prometheus rules that follow from the catalogue."""
    from services.api.rules import write_rules  # noqa: PLC0415 - heavy, and no other command wants it

    declared = load_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    report = Report(output())
    for file in write_rules(declared, folder):
        report.line("written", str(file))
