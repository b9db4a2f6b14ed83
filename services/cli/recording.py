"""The commands by which people record figures and remarks, and see what was recorded."""

import asyncio
import datetime
import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

import orjson
import typer
from rich.table import Table

from kpi.currencies import digits
from kpi.entries import ACTIONS, ANNOTATIONS, FIGURES, STREAMS, Entry, history, root_of, to_replace
from schemas.declarations import MONEY
from schemas.fields import map_entries, map_text
from schemas.kpis import Catalogue, Kpi
from schemas.recorded import SCOPE, VALUES
from schemas.times import text_of
from services.cli.catalogues import load_catalogue
from services.cli.console import output
from services.cli.context import load_settings, running_catalogue
from services.cli.failures import WRONG_USE, CommandFailed
from services.cli.rendering import visible
from services.cli.sending import write
from services.runtime.broker import kafka_of
from services.runtime.catalogue.mistakes import nearest
from services.runtime.recorded import read_recorded
from services.runtime.settings import Settings

commands = typer.Typer()

Kind = Literal["value", "target", "benchmark", "baseline"]
MOST_DIGITS = 9

KpiArgument = Annotated[str, typer.Argument(metavar="KPI", help="The KPI's id.")]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", metavar="DIM=VALUE", help="Of this part only. May be given again.")
]
AuthorOption = Annotated[str | None, typer.Option(metavar="NAME", help="Who says it; by default the user's name.")]
SupersedesOption = Annotated[
    str | None, typer.Option(metavar="ID", help="The entry that it replaces; by default that of the same days.")
]
FromOption = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day, such as 2026-04-01.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day.")]


@dataclass(frozen=True, slots=True)
class By:
    """Of which part something is recorded, by whom, and the entry that it replaces, if that is named."""

    where: Sequence[str]
    author: str | None
    supersedes: str | None


@commands.command(rich_help_panel="Put in")
def record(
    kpi: KpiArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number in the KPI's unit; money in whole units.")],
    from_: FromOption,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is so.")],
    to: ToOption = None,
    as_: Annotated[Kind, typer.Option("--as", help="What the figure is.")] = "value",
    where: WhereOption = None,
    currency: Annotated[str | None, typer.Option(metavar="EUR", help="Of money; by default the reporting one.")] = None,
    source: Annotated[str | None, typer.Option(metavar="TEXT", help="Where the figure is from.")] = None,
    percentile: Annotated[int | None, typer.Option(min=0, max=100, help="Of a benchmark.")] = None,
    window: Annotated[
        str | None, typer.Option(metavar="W", help="Of a target: for these windows, such as month.")
    ] = None,
    author: AuthorOption = None,
    supersedes: SupersedesOption = None,
) -> None:
    """Record a value, target, benchmark or baseline by hand. What it replaces stays readable (`kpi history`)."""
    settings, declared = _declared(kpi)
    stream, unit = f"kpi.{as_}", declared.kpis[kpi].unit
    first, last = _period(from_, to)
    if as_ == "value" and last is None:
        raise CommandFailed("a value holds for some days: give --to, the last of them", WRONG_USE)
    days = {"from": first, "to": last} if stream == VALUES else {"start": first, "review": last}
    number, scale, money = _figure(value, unit, currency or declared.reporting.currency)
    entered = {
        **days, "value": number, "scale": scale, "currency": money, "unit": unit, "reason": reason,
        "figure_source": source, "percentile": percentile if as_ == "benchmark" else None,
        "window": None if window is None else _window(window, as_, declared.kpis[kpi]),
    }  # fmt: skip
    _enter(settings, declared, stream, {"kpi": kpi, **entered}, By(where or (), author, supersedes))


@commands.command(rich_help_panel="Put in")
def annotate(
    kpi: KpiArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What happened, or what is done about it.")],
    from_: FromOption,
    *,
    to: ToOption = None,
    where: WhereOption = None,
    cause: Annotated[str | None, typer.Option(metavar="TEXT", help="What it comes from.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Who does it: an action, and no remark.")] = None,
    expect: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Of an action, the effect that is expected.")
    ] = None,
    author: AuthorOption = None,
    supersedes: SupersedesOption = None,
) -> None:
    """Note what happened to a KPI, or with --owner what somebody does about it."""
    settings, declared = _declared(kpi)
    if not text.strip():
        raise CommandFailed("the text is empty: say what happened", WRONG_USE)
    first, last = _period(from_, to)
    said = {"from": first, "to": last, "text": text, "cause": cause, "owner": owner, "expected_effect": expect}
    stream = ANNOTATIONS if owner is None else ACTIONS
    _enter(settings, declared, stream, {"kpi": kpi, **said}, By(where or (), author, supersedes))


@commands.command("history", rich_help_panel="Ask")
def history_(
    kpi: KpiArgument, as_json: Annotated[bool, typer.Option("--json", help="Print the events as they are.")] = False
) -> None:
    """Show all that people recorded of a KPI, also what was replaced."""
    settings, declared = _declared(kpi)
    entries = _history(settings, declared, kpi)
    if as_json:
        events = [{"stream": each.stream, **each.body, "replaced_by": each.replaced_by} for each in entries]
        typer.echo(orjson.dumps(events, option=orjson.OPT_INDENT_2))
    elif entries:
        output().print(table(entries))
    else:
        output().print(f"nothing was recorded of {kpi}")


def table(entries: Sequence[Entry]) -> Table:
    """The entries, one a line, in the order in which they were entered."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("entered", "what", "of", "days", "said", "by", "why", "id"):
        shown.add_column(name, justify="right" if name == "said" else "left")
    for entry in entries:
        body = entry.body
        days = f"{body.get('from') or body.get('start')} to {body.get('to') or body.get('review') or '-'}"
        fate = "" if entry.counts else ", takes back" if "voids" in body else ", names no first entry: not heard"
        fate = fate if entry.replaced_by is None else f", replaced by {entry.replaced_by}"
        shown.add_row(
            text_of(body["time"]), entry.stream.removeprefix("kpi."), visible(body.get(SCOPE) or "all"), days,
            _said(entry), visible(body["author"]), visible(body.get("reason") or body.get("cause") or ""),
            visible(f"{body['id']}{fate}"), style=None if entry.counts else "dim",
        )  # fmt: skip
    return shown


def _said(entry: Entry) -> str:
    body = entry.body
    if entry.stream not in FIGURES:
        return visible(body["text"])
    window = f" a {body['window']}" if "window" in body else ""
    return f"{entry.figure:f} {visible(body.get('currency', '') + window).strip()}".rstrip()


def _enter(
    settings: Settings,
    declared: Catalogue,
    stream: str,
    entered: Mapping[str, Any],
    by: By,
) -> None:
    kpi = entered["kpi"]
    supersedes = by.supersedes
    said = {SCOPE: _scope(by.where, declared, kpi), **entered, "author": by.author or getpass.getuser()}
    event = {
        name: value for name, value in said.items() if value is not None and name in declared.streams[stream].fields
    }
    entries = _history(settings, declared, kpi)
    replaced = root_of(entries, supersedes) if supersedes is not None else None
    if supersedes is not None and replaced is None:
        raise CommandFailed(f"nothing recorded of {kpi} has the id {supersedes!r}: see `kpi history {kpi}`")
    if supersedes is None and stream in FIGURES:
        same = to_replace(entries, stream, event)
        replaced = None if same is None else same.root[1:]
    if replaced is not None:
        event |= {"source": replaced[0], "supersedes": replaced[1]}
    written = write(settings, declared, stream, event, called="the entry")
    instead = "" if replaced is None else f", instead of {replaced[1]}"
    output().print(f"recorded in {stream}: id {written['id']}{instead}")


def _declared(kpi: str) -> tuple[Settings, Catalogue]:
    settings = running_catalogue(load_settings())
    declared = load_catalogue(settings)
    if kpi not in declared.kpis:
        near = nearest(kpi, declared.kpis)
        raise CommandFailed(f"no KPI is called {kpi!r}{f'; did you mean {near}?' if near else ''}")
    if absent := [name for name in STREAMS if name not in declared.streams]:
        raise CommandFailed(
            f"the catalogue that runs has no stream {absent[0]}: it came without the shipped declarations, "
            "of which those of what people record are a part"
        )
    return settings, declared


def _history(settings: Settings, declared: Catalogue, kpi: str) -> list[Entry]:
    return history(asyncio.run(read_recorded(kafka_of(settings), declared, STREAMS)), kpi)


def _scope(where: Sequence[str], declared: Catalogue, kpi: str) -> str | None:
    known = declared.kpis[kpi].dimensions
    try:
        scope = map_entries(";".join(where))
        for name in scope:
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean {near}?" if near else f"it has {', '.join(known) or 'none'}"
                raise CommandFailed(f"--where {name}: no dimension of {kpi}; {hint}", WRONG_USE)
        return map_text(scope) or None
    except ValueError as error:
        raise CommandFailed(f"--where {error}: give DIM=VALUE, such as team=north", WRONG_USE) from None


def _window(name: str, as_: Kind, kpi: Kpi) -> str:
    if as_ != "target":
        raise CommandFailed("--window goes with --as target", WRONG_USE)
    if name not in kpi.windows.names():
        raise CommandFailed(f"--window {name}: {kpi.kpi} has {', '.join(kpi.windows.names())}", WRONG_USE)
    return name


def _day(text: str, option: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise CommandFailed(f"{option} {text!r}: give a date, such as 2026-04-01", WRONG_USE) from None


def _period(from_: str, to: str | None) -> tuple[str, str | None]:
    """The first and the last day, the last one none where it stays open."""
    first, last = _day(from_, "--from"), None if to is None else _day(to, "--to")
    if last is not None and last < first:
        raise CommandFailed(f"--to {last} is before --from {first}", WRONG_USE)
    return first, last


def _figure(text: str, unit: str, currency: str | None) -> tuple[int, int, str | None]:
    """(value, scale, currency): value x 10^-scale is the figure, of money in minor units."""
    try:
        number = Decimal(text)
        exponent = number.normalize().as_tuple().exponent
    except InvalidOperation:
        exponent = "n"
    if not isinstance(exponent, int):
        raise CommandFailed(f"{text!r} is no number, such as 4.2", WRONG_USE)
    if unit != MONEY:
        scale = max(-exponent, 0)
        if scale > MOST_DIGITS:
            raise CommandFailed(f"{text!r} has more than {MOST_DIGITS} digits after the point", WRONG_USE)
        return int(number.scaleb(scale)), scale, None
    if currency is None:
        raise CommandFailed("the KPI is money: give --currency, such as EUR", WRONG_USE)
    minor = number.scaleb(digits(currency))
    if minor != minor.to_integral_value():
        raise CommandFailed(f"{text!r} is no amount of {currency}, which has {digits(currency)} digits", WRONG_USE)
    return int(minor), 0, currency
