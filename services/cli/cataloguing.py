"""The commands that turn a catalogue into files for people and for their editors."""

from pathlib import Path
from typing import Annotated

import typer

from kpi.explaining.pages import INDEX, pages
from schemas.documents import catalogue_schema, written
from services.cli.catalogues import load_catalogue
from services.cli.console import Report, output
from services.cli.context import (
    CatalogueOption,
    NoDefaultOption,
    PackOption,
    catalogue_overrides,
    load_settings,
    running_catalogue,
)

commands = typer.Typer(help="Write pages about the catalogue, and the schema of its files.", no_args_is_help=True)


@commands.command()
def docs(
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the pages are written.")],
    catalogue: CatalogueOption = None,
    pack: PackOption = None,
    no_default_catalogue: NoDefaultOption = False,
) -> None:
    """Write a page in Markdown for each KPI, and an index by department. Pages of the same names are replaced."""
    settings = running_catalogue(load_settings(**catalogue_overrides(catalogue, pack, no_default_catalogue)))
    found = pages(load_catalogue(settings))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")
    Report(output()).line("written", f"{len(found)} pages, beginning with {folder / INDEX}")


@commands.command()
def schema(
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where it is written; by default it is printed.")
    ] = None,
) -> None:
    """Write the JSON Schema by which editors complete and check declarations as they are written."""
    text = written(catalogue_schema())
    if file is None:
        typer.echo(text, nl=False)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    Report(output()).line("written", f"{file}: begin a file with  # yaml-language-server: $schema={file.absolute()}")
