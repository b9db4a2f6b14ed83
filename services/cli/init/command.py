"""`kpi init`: a first catalogue for a table of one's own."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from services.cli.console import output
from services.cli.failures import CommandFailed
from services.cli.init.guesses import guessed
from services.cli.init.proposal import name_of, proposed
from services.cli.init.sample import NoTable, read_sample
from services.runtime.catalogue import CatalogueErrors, load

commands = typer.Typer()


@commands.command(rich_help_panel="Run")
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A table with the names of its columns above.")],
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the catalogue is written.")] = Path(
        "catalogue"
    ),
) -> None:
    """Propose a stream and three KPIs for a table of your own, as YAML to read and to change."""
    try:
        proposal = proposed(guessed(read_sample(file)), name_of(file.stem))
    except NoTable as error:
        raise CommandFailed(str(error)) from None
    target = folder / f"{name_of(file.stem)}.yaml"
    if target.exists():
        raise CommandFailed(f"{target} is there already, and maybe changed by hand: move it, or give another --out")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(proposal.text, encoding="utf-8")
    try:
        load([folder])
    except CatalogueErrors as error:
        raise CommandFailed(f"{error}\nwhat is proposed does not hold together; mend it in {target}") from None
    output().print(f"written: {target}, with the stream {proposal.stream} and the KPIs {', '.join(proposal.kpis)}")
    up, fill = ["kpi", "up", "--catalogue", str(folder)], ["kpi", "import", str(file), "--stream", proposal.stream]
    output().print(f"next: {shlex.join(up)}, and beside it {shlex.join(fill)}")
