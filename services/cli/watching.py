"""All values as they change: a live table in a terminal, plain lines elsewhere."""

import difflib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from schemas.answers import KpiSummary, Value
from services.cli.failures import CommandFailed
from services.cli.rendering import ABSENT, STATUS_STYLE, amount, better, change_of, set_by, sparkline, target_of
from services.cli.signals import StopRequest
from services.client.api import ApiClient
from services.client.errors import ServiceError

INTERVAL_SECONDS = 1.0
POINTS = 16
NARROW_POINTS = 8
WIDE = 130
"""Characters from which on everything has room."""
SERIES_ROUNDS = 5
"""Sparklines are of whole windows, and asked for once in so many rounds."""


_COLUMNS = {
    "KPI": False, "value": True, "": False, "window": False, "target": True, "status": False, "change": True,
    "complete": False,
}  # fmt: skip
"""Headers, and whether a column stands to the right."""
_FOR_WIDE = {"target", "change"}


@dataclass(frozen=True, slots=True)
class Row:
    """A KPI as it stands: what it is, its value, and the values of its last windows, oldest first."""

    summary: KpiSummary
    value: Value
    past: Sequence[float | None] = ()


class Board:
    """The rows of the chosen KPIs, or of all; `refresh` asks the api."""

    def __init__(self, api: ApiClient, chosen: frozenset[str] = frozenset()) -> None:
        self._api = api
        self._chosen = chosen
        self._past: dict[str, Sequence[float | None]] = {}
        self._round = 0

    def refresh(self) -> list[Row]:
        """The rows of now, in the catalogue's order. CommandFailed for a name that is not served."""
        summaries = {summary.kpi: summary for summary in self._api.kpis()}
        for name in self._chosen - summaries.keys():
            near = difflib.get_close_matches(name, summaries, 1)
            raise CommandFailed(f"no KPI is named {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
        values = [value for value in self._api.values() if not self._chosen or value.kpi in self._chosen]
        if self._round % SERIES_ROUNDS == 0:
            self._past = {
                value.kpi: [point.value for point in self._api.series(value.kpi, POINTS).points] for value in values
            }
        self._round += 1
        return [Row(summaries[value.kpi], value, self._past.get(value.kpi, ())) for value in values]


def watch(
    board: Board,
    console: Console,
    stop: StopRequest,
    seconds: float | None = None,
    each_round: Callable[[], None] = lambda: None,
) -> None:
    """Show the board until a stop is requested, or for so many seconds. Raises what the first answer raises.

    `each_round` is called about once a second; what it raises ends the view.
    """
    rows = board.refresh()
    end = None if seconds is None else time.monotonic() + seconds
    if console.is_terminal:
        with Live(table(rows, console.width), console=console, auto_refresh=False, transient=False) as live:
            while not _over(stop, end):
                each_round()
                rows, trouble = _again(board, rows)
                live.update(table(rows, console.width, trouble), refresh=True)
        return
    said: dict[str, str] = {}
    while True:
        for row in rows:
            if said.get(row.summary.kpi) != (line := plain(row)):
                said[row.summary.kpi] = line
                console.print(line)
        if _over(stop, end):
            return
        each_round()
        rows, _ = _again(board, rows)


def table(rows: Sequence[Row], width: int, trouble: str | None = None) -> Table:
    """The board as a table, a KPI a row; with fewer columns where `width` (in characters) is small."""
    wide = width >= WIDE
    columns = _COLUMNS if wide else {name: right for name, right in _COLUMNS.items() if name not in _FOR_WIDE}
    shown = Table(box=None, pad_edge=False, header_style="bold", caption=trouble, caption_style="yellow")
    for name, right in columns.items():
        shown.add_column(name, justify="right" if right else "left", no_wrap=name != "KPI")
    for row in rows:
        cells = _cells(row, POINTS if wide else NARROW_POINTS)
        if not wide:
            cells["complete"] = f"{row.value.completeness:.0%}"
        shown.add_row(*(cells[name] for name in columns))
    return shown


def _cells(row: Row, points: int) -> dict[str, Text | str]:
    value = row.value
    number = amount(value.value, value.unit, value.currency)
    return {
        "KPI": row.summary.title,
        "value": Text(number, "bold") if value.value is not None else Text(value.reason or ABSENT, "dim"),
        "": Text(sparkline(row.past[-points:]), "cyan"),
        "window": value.window.name,
        "target": target_of(value) + (f" ({set_by(value)})" if set_by(value) else ""),
        "status": Text((value.status or "").replace("_", " "), STATUS_STYLE.get(value.status or "", "")),
        "change": Text(change_of(value), {True: "green", False: "red", None: ""}[better(value)]),
        "complete": f"{value.completeness:4.0%} {value.state}",
    }


def plain(row: Row) -> str:
    """A row as one line, without what changes by itself."""
    value = row.value
    number = f"- ({value.reason})" if value.value is None else amount(value.value, value.unit, value.currency)
    parts = [
        f"{value.kpi:<28} {number:>16}", f"{value.window.name:<5}",
        f"target {target_of(value)}" + (f" by {set_by(value)}" if set_by(value) else ""),
        value.status or "no target", f"{value.state}",
    ]  # fmt: skip
    return "  ".join(parts)


def _over(stop: StopRequest, end: float | None) -> bool:
    wait = INTERVAL_SECONDS if end is None else min(INTERVAL_SECONDS, max(end - time.monotonic(), 0))
    return stop.wait(wait) or (end is not None and time.monotonic() >= end)


def _again(board: Board, rows: list[Row]) -> tuple[list[Row], str | None]:
    """Fresh rows; or the old ones, and why they are old."""
    try:
        return board.refresh(), None
    except ServiceError as error:
        return rows, f"{error}; these values are old"
