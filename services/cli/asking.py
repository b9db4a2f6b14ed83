"""The commands that ask the running services."""

from typing import Annotated

import orjson
import typer
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from schemas.answers import Value, ValueList
from services.cli import books, watching, work
from services.cli.console import output
from services.cli.context import api_client, load_settings
from services.cli.rendering import REASONS, amount, change_of, noted, source_of, target_of, visible
from services.cli.signals import StopRequest
from services.client.api import Asked

commands = typer.Typer()

JsonOption = Annotated[bool, typer.Option("--json", help="Print the api's answer as it is.")]


@commands.command(rich_help_panel="Ask")
def get(
    kpi: Annotated[str, typer.Argument(help="The KPI's id.", metavar="KPI")],
    *,
    window: Annotated[str | None, typer.Option(metavar="W", help="Such as 5m, 1h, day; by default its first.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339, in event time; by default now.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="DIM", help="Break down by a dimension. May be given again.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="DIM=VALUE", help="Only this part. May be given again.")
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help="The last complete window.")] = False,
    time_zone: Annotated[str | None, typer.Option(metavar="ZONE", help="IANA zone of calendar windows.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for a value: the number, and what it is."""
    asked = Asked(window, at, complete, time_zone, dict(_pair(text) for text in where or ()))
    with api_client(load_settings()) as api:
        values = api.values_by(kpi, by, asked) if by else (api.value(kpi, asked),)
    if as_json:
        _print_json(ValueList(values=values) if by else values[0])
    elif by:
        _print_breakdown(values, by)
    else:
        _print_value(values[0])


@commands.command(rich_help_panel="Ask")
def watch(
    kpi: Annotated[list[str] | None, typer.Argument(help="Which KPIs; by default all.", metavar="[KPI]...")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so many seconds.")] = None,
) -> None:
    """Show all values as they change, until Ctrl-C. Without a terminal: one line a KPI, and another when it changes."""
    with api_client(load_settings()) as api, StopRequest() as stop:
        watching.watch(watching.Board(api, frozenset(kpi or ())), output(), stop, seconds)
    # Ctrl-C is how one leaves this view, and no failure.
    raise typer.Exit(0)


@commands.command(rich_help_panel="Ask")
def status(as_json: JsonOption = False) -> None:
    """Show where the records of every partition ended (1 where that does not add up), and how the tasks go."""
    with api_client(load_settings()) as api:
        answer = api.status()
    if as_json:
        _print_json(answer)
    else:
        output().print(books.table(answer))
        output().print()
        output().print(work.table(answer))
        output().print()
        for line in books.account(answer):
            output().print(line)
    if not answer.balanced:
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r} is not DIM=VALUE, such as team=north")
    return name, value


def _print_json(answer: BaseModel) -> None:
    typer.echo(orjson.dumps(answer.model_dump(mode="json"), option=orjson.OPT_INDENT_2))


def _print_value(value: Value) -> None:
    table = Table.grid(padding=(0, 2))
    number = amount(value.value, value.unit, value.currency)
    rows = {
        value.kpi: number if value.value is not None else _reason(value),
        **{name: amount(each, value.unit, value.currency) for name, each in value.also.items()},
        "flags": ", ".join(value.flags),
        "window": _window(value),
        "of": ", ".join(f"{name}={visible(part or '-')}" for name, part in value.dimensions.items()),
        "target": _target(value),
        "set": source_of(value),
        "before": f"{amount(value.previous, value.unit, value.currency)} (change {change_of(value)})",
        "state": f"{value.state}, revision {value.revision}, {value.completeness:.0%} complete",
        "watermark": value.watermark or "none yet: not every source was heard",
        "events": "" if value.events is None else f"{value.events:,}",
        "definition": value.definition_version,
    }
    for label, text in rows.items():
        if text:
            table.add_row(Text(label, "cyan"), Text(text))
    for note in value.annotations:
        table.add_row(Text("noted", "cyan"), Text(noted(note)))
    output().print(table)


def _target(value: Value) -> str:
    if value.target is None:
        return ""
    attained = "" if value.attainment is None else f", {value.attainment:.0%} attained"
    return f"{target_of(value)}{attained}{f', {value.status}' if value.status else ''}"


def _reason(value: Value) -> str:
    words = REASONS.get(value.reason or "")
    return f"no value: {words} ({value.reason})" if words else f"no value ({value.reason})"


def _window(value: Value) -> str:
    return f"{value.window.name}, {value.window.start} to {value.window.end} ({value.window.time_zone})"


def _print_breakdown(values: tuple[Value, ...], by: list[str]) -> None:
    if not values:
        output().print(f"nothing by {', '.join(by)} in this window")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in by:
        table.add_column(name)
    for name in ("value", "events", "target", "status", "state"):
        table.add_column(name, justify="right" if name in {"value", "events", "target"} else "left")
    for value in values:
        table.add_row(
            *(visible(value.dimensions.get(name) or "-") for name in by),
            amount(value.value, value.unit, value.currency) if value.value is not None else f"- ({value.reason})",
            "" if value.events is None else f"{value.events:,}",
            target_of(value), value.status or "", value.state,
        )  # fmt: skip
    output().print(f"{values[0].kpi}, {_window(values[0])}")
    output().print(table)
