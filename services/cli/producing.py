"""The commands that put events in: by hand, from files, or made up."""

import difflib
import time
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
    ingest_client,
    load_settings,
    running_catalogue,
)
from services.cli.failures import FAILED, CommandFailed
from services.cli.importing import ImportOrder, mapping_of, moment_of, run_import, speed_of
from services.cli.sending import events

commands = typer.Typer()

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
    declared = find_stream(load_catalogue(settings), stream)
    with ingest_client(settings) as ingest:
        answer = ingest.send_events(stream, events(words, declared, time.time_ns() // 1_000_000))
    if answer.accepted:
        output().print(f"{answer.accepted} accepted")
    if answer.rejected:
        show_errors(
            f"event {each.index + 1}{each.pointer and f', {each.pointer}'}: {each.reason}" for each in answer.rejected
        )
        raise typer.Exit(FAILED)


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
    """Import files. The same files again add nothing; an import that was cut off goes on. Rejected rows: exit status 1."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    order = ImportOrder(
        files, stream, mapping_of(mapping or ()), speed_of(speed) if speed else None,
        moment_of(as_of) if as_of else None, backfill,
    )  # fmt: skip
    result = run_import(settings, load_catalogue(settings), order, output())
    for file in result.files:
        known = f", {file.before:,} known already" if file.before else ""
        refused = f", {file.rejected:,} rejected" if file.rejected else ""
        output().print(f"{file.file.name}: {file.accepted:,} rows written{known}{refused}")
    show_errors(f"{row.file}:{row.line}: {row.pointer and f'{row.pointer}: '}{row.reason}" for row in result.listed)
    if result.rejected > len(result.listed):
        show_errors([f"and {result.rejected - len(result.listed):,} rows more"])
    if result.rejected:
        raise typer.Exit(FAILED)


def find_stream(catalogue: Catalogue, name: str) -> Stream:
    """The stream of this name. CommandFailed with the nearest one."""
    if name in catalogue.streams:
        return catalogue.streams[name]
    near = difflib.get_close_matches(name, catalogue.streams, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(catalogue.streams))}"
    raise CommandFailed(f"no stream is called {name!r}; {hint}")
