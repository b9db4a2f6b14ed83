"""The command that makes, lists and revokes tokens."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from schemas.times import text_of
from services.cli.console import output
from services.cli.context import load_settings
from services.cli.failures import WRONG_USE, CommandFailed
from services.runtime.buckets import Limit
from services.runtime.clock import wall_clock
from services.runtime.credentials import Credential, CredentialsFile, read_credentials
from services.runtime.tokens import Scope, digest, new_token

commands = typer.Typer()

ID_DIGITS = 8


@commands.command(rich_help_panel="Tend")
def token(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Who gets it.")] = None,
    *,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it allows. May be given again.")] = None,
    per_second: Annotated[float | None, typer.Option(min=0.001, help="Requests in the long run.")] = None,
    burst: Annotated[int | None, typer.Option(min=1, help="Requests at once.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show who may enter.")] = False,
    revoke: Annotated[str | None, typer.Option(metavar="NAME|ID", help="Take back all of a name, or one.")] = None,
) -> None:
    """Make a token, print it this once, and write its hash to KPI_CREDENTIALS_FILE."""
    file = load_settings().credentials_file
    if file is None:
        raise CommandFailed("name the file: KPI_CREDENTIALS_FILE=/…/credentials.json", WRONG_USE)
    if sum([name is not None, listed, revoke is not None]) != 1:
        raise CommandFailed("give a NAME, --list, or --revoke", WRONG_USE)
    if listed:
        output().print(table(read_credentials(file)))
    elif revoke is not None:
        _revoke(file, revoke)
    else:
        _make(file, str(name), tuple(dict.fromkeys(scope or ())), _limit(per_second, burst))


def table(held: CredentialsFile) -> Table:
    """A line for each credential; the id tells those of one name apart."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "id", "scopes", "a second", "at once", "made"):
        shown.add_column(column, justify="right" if column in {"a second", "at once"} else "left")
    for each in held.credentials:
        limit = each.limit or held.limit
        shown.add_row(
            each.name, each.sha256[:ID_DIGITS], " ".join(each.scopes), f"{limit.per_second:g}", f"{limit.burst}",
            each.created,
        )  # fmt: skip
    return shown


def _limit(per_second: float | None, burst: int | None) -> Limit | None:
    if per_second is None and burst is None:
        return None
    if per_second is None or burst is None:
        raise CommandFailed("--per-second and --burst go together", WRONG_USE)
    return Limit(per_second=per_second, burst=burst)


def _make(file: Path, name: str, scopes: tuple[Scope, ...], limit: Limit | None) -> None:
    if not scopes:
        raise CommandFailed(f"say what it allows: --scope, one of {', '.join(Scope)}", WRONG_USE)
    made = new_token()
    try:
        credential = Credential(
            name=name, scopes=scopes, sha256=digest(made), created=text_of(wall_clock()), limit=limit
        )
    except ValueError:
        raise CommandFailed(f"{name!r} is no name: use letters, digits, dots, dashes and underscores") from None
    with _changing(file) as held:
        _write(file, held.model_copy(update={"credentials": (*held.credentials, credential)}))
    typer.echo(made)
    typer.echo(f"written to {file}; the token itself is kept nowhere", err=True)


def _revoke(file: Path, which: str) -> None:
    read_credentials(file)
    with _changing(file) as held:
        kept = tuple(each for each in held.credentials if which not in (each.name, each.sha256[:ID_DIGITS]))
        if len(kept) == len(held.credentials):
            raise CommandFailed(f"nobody in {file} has the name or id {which!r}: see `kpi token --list`")
        _write(file, held.model_copy(update={"credentials": kept}))
    output().print(f"revoked: {len(held.credentials) - len(kept)}; services notice within a second")


@contextmanager
def _changing(file: Path) -> Iterator[CredentialsFile]:
    """What the file holds, nothing where there is none yet, while no other command changes it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield read_credentials(file) if file.exists() else CredentialsFile()
    finally:
        os.close(folder)


def _write(file: Path, held: CredentialsFile) -> None:
    # Temporary files are made with mode 0600.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".credentials-", delete=False) as draft:
        draft.write(held.model_dump_json(indent=2, exclude_none=True) + "\n")
    Path(draft.name).replace(file)
