"""The command `kpi`: what it was asked, and what it answers when something goes wrong."""

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import orjson
import typer

from services.cli import asking, cataloguing, objectives, producing, rebuilding, recording, running, tending, tokens
from services.cli.console import show_errors, show_failure
from services.cli.context import load_settings
from services.cli.demo import command as demo
from services.cli.failures import FAILED, INTERRUPTED, CommandFailed
from services.cli.init import command as init
from services.cli.parent import end_with_parent
from services.client.errors import ServiceError
from services.runtime.addresses import NotRunning
from services.runtime.credentials import CredentialsRefused
from services.runtime.embedded import EmbeddedBrokerFailed
from services.runtime.kafka import KafkaUnavailable
from services.runtime.logging import configure_logging
from services.runtime.ports import NoFreePort
from services.runtime.settings import effective
from services.runtime.topics import TopicMismatch, TopicNotCreated

FAILURES = (
    ServiceError, CredentialsRefused, EmbeddedBrokerFailed, KafkaUnavailable, NoFreePort, NotRunning, TopicMismatch,
    TopicNotCreated,
)  # fmt: skip
"""What can go wrong and says by itself what to do."""

app = typer.Typer(
    name="kpi",
    help="Streaming KPIs from Kafka: declared, exact, and honest about how complete and how final every value is.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (
    running.commands,
    demo.commands,
    init.commands,
    asking.commands,
    producing.commands,
    recording.commands,
    objectives.commands,
    tending.commands,
    rebuilding.commands,
    tokens.commands,
):
    app.add_typer(commands)
app.add_typer(cataloguing.commands, name="catalogue", rich_help_panel="Tend")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kpi {_version()}")
        raise typer.Exit


def _print_settings(wanted: bool) -> None:
    if wanted:
        typer.echo(orjson.dumps(dict(effective(load_settings())), option=orjson.OPT_INDENT_2))
        raise typer.Exit


@app.callback()
def start(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
    check_config: Annotated[
        bool,
        typer.Option(
            "--check-config",
            help="Check the settings and print the effective ones, secrets masked.",
            callback=_print_settings,
            is_eager=True,
        ),
    ] = False,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Read the settings once, so that a wrong one is said before anything is done."""
    del show_version, check_config
    configure_logging(load_settings().log_level)
    if with_parent:
        end_with_parent()


def run(arguments: list[str]) -> int:
    """Run a command and give its exit status; its errors are written, a line each."""
    try:
        status = app(arguments, standalone_mode=False)
    except CommandFailed as error:
        show_failure(error)
        return error.status
    except typer.TyperException as error:
        message = error.format_message()
        show_errors([f"{message}{'' if message.endswith(('.', '?')) else '.'} See `kpi --help`."])
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except FAILURES as error:
        show_errors(str(error).splitlines())
        return FAILED
    except Exception as error:
        if load_settings().log_level == "debug":
            raise
        if isinstance(error, OSError) and error.filename is not None:
            show_errors([f"{error.filename}: {error.strerror}"])
        else:
            show_errors([f"something unexpected: {type(error).__name__}: {error}; KPI_LOG_LEVEL=debug shows where"])
        return FAILED
    return status if isinstance(status, int) else 0


def main() -> None:
    """The console script `kpi`."""
    sys.exit(run(sys.argv[1:] or ["--help"]))


def _version() -> str:
    try:
        return version("kpi-service")
    except PackageNotFoundError:
        return "of a source tree that is not installed"


if __name__ == "__main__":
    main()
