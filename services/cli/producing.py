"""The commands that put events in: by hand, from files, or made up."""

import difflib
import time
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


def find_stream(catalogue: Catalogue, name: str) -> Stream:
    """The stream of this name. CommandFailed with the nearest one."""
    if name in catalogue.streams:
        return catalogue.streams[name]
    near = difflib.get_close_matches(name, catalogue.streams, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(catalogue.streams))}"
    raise CommandFailed(f"no stream is called {name!r}; {hint}")
