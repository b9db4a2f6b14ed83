"""The commands that put events in: by hand, from files, or made up."""

import asyncio
import difflib
from pathlib import Path
from typing import Annotated

import typer

from schemas.kpis import Catalogue
from schemas.streams import Stream
from services.cli.catalogues import load_catalogue
from services.cli.console import output, show_errors
from services.cli.context import (
    CatalogueOption,
    NoDefaultOption,
    PackOption,
    catalogue_overrides,
    load_settings,
    running_catalogue,
)
from services.cli.failures import FAILED, CommandFailed
from services.cli.importing import ImportOrder, mapping_of, moment_of, run_import, speed_of
from services.cli.sending import events, write
from services.cli.signals import Interrupted, StopRequest, until_stopped
from services.ingest.simulate import SimulationRefused
from services.ingest.simulate import simulate as make_up
from services.ingest.simulation import Incident

commands = typer.Typer()

RATE = 2.0

StreamOption = Annotated[str, typer.Option("--stream", metavar="S", help="The stream, such as sales.call.")]


@commands.command(rich_help_panel="Put in")
def send(
    words: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...|JSON", help="One event by fields, or JSON.")],
    stream: StreamOption,
    *,
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Send an event by hand. Without an id it gets a new one, without a time it happened now."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    declared = load_catalogue(settings)
    for event in events(words, find_stream(declared, stream)):
        written = write(settings, declared, stream, event, called="the event")
        output().print(f"written to {stream}: id {written['id']}")


@commands.command("import", rich_help_panel="Put in")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV, NDJSON or Parquet.")],
    stream: StreamOption,
    *,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="Where a field stands. May be given again."),
    ] = None,
    speed: Annotated[
        str | None, typer.Option(metavar="60x", help="Time passes so much faster; by default all at once.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="Move all times so that the last is then: now, or RFC 3339.")
    ] = None,
    backfill: Annotated[bool, typer.Option("--backfill", help="History, beside the live stream.")] = False,
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Import files. The same ones again add nothing; a cut off import goes on. Rejected rows: exit status 1."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    order = ImportOrder(
        files, stream, mapping_of(mapping or ()), speed_of(speed) if speed else None,
        moment_of(as_of) if as_of else None, backfill,
    )  # fmt: skip
    with StopRequest() as stop:
        try:
            result = run_import(settings, load_catalogue(settings), order, output(), stop)
        except Interrupted:
            show_errors(["stopped; the same command goes on where this one was"])
            raise typer.Exit(stop.status) from None
    for file in result.files:
        known = f", {file.before:,} known already" if file.before else ""
        refused = f", {file.rejected:,} rejected" if file.rejected else ""
        output().print(
            f"{file.file.name}: {file.accepted:,} {'row' if file.accepted == 1 else 'rows'} written{known}{refused}"
        )
    show_errors(f"{row.file}:{row.line}: {row.pointer and f'{row.pointer}: '}{row.reason}" for row in result.listed)
    if result.rejected > len(result.listed):
        show_errors([f"and {result.rejected - len(result.listed):,} rows more"])
    if result.behind:
        output().print(
            f"{result.behind:,} rows are older than a live stream still takes: they count as late (`kpi status`), "
            "unless it was silent until now. History goes in beside it, with --backfill."
        )
    if result.rejected:
        raise typer.Exit(FAILED)


@commands.command(rich_help_panel="Put in")
def simulate(
    *,
    rate: Annotated[float, typer.Option(min=0.01, help="Beginnings a second, in the busiest hour.")] = RATE,
    incident: Annotated[list[Incident] | None, typer.Option(help="Something that goes wrong.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so many; by default at Ctrl-C.")] = None,
    past: Annotated[float, typer.Option(min=0, help="Make up for so many seconds before now at the start.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed and start make the same events.")] = 1,
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Make up tickets, clicks, visits, calls and deals with a daily rhythm. All say that they are simulated."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    work = make_up(
        settings, load_catalogue(settings), rate=rate, seconds=seconds, seed=seed, incidents=incident or (), past=past
    )
    with StopRequest() as stop:
        try:
            sent = asyncio.run(until_stopped(work, stop))
        except SimulationRefused as error:
            raise CommandFailed(str(error)) from None
        except Interrupted:
            raise typer.Exit(stop.status) from None
    for stream, count in sorted(sent.items()):
        output().print(f"{stream:<20} {count:>8,} simulated events")


def find_stream(catalogue: Catalogue, name: str) -> Stream:
    """The stream of this name. CommandFailed with the nearest one."""
    if name in catalogue.streams:
        return catalogue.streams[name]
    near = difflib.get_close_matches(name, catalogue.streams, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(catalogue.streams))}"
    raise CommandFailed(f"no stream is called {name!r}; {hint}")
