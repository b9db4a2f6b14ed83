"""The year is told to an installation, and every line asked: while it runs, and after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import yaml

from schemas.streams import Stream
from services.runtime.catalogue.shipped import PACKS, shipped_files
from tests.integration.aggregator.declarations import redeclared
from tests.pipeline import catalogue_of
from tests.table.business.clock import CLOSED, MOMENT, ZONES
from tests.table.business.events import Event
from tests.table.business.year import Year, year
from tests.table.cells import Cell, after_it, while_it_runs
from tests.table.lines import LINES, Line
from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Books
from tests.table.silence import silence

SEED = "first"
DISORDER = 30_000
SILENT = (MOMENT + DISORDER, CLOSED + DISORDER, CLOSED + DISORDER + 1)
"""When every partition is moved on."""


def declarations() -> str:
    """What is shipped, with clocks that follow the events, and with the zones that are asked for.

    What is served now alone is asked for as of the end of a window: the year is not now.
    """
    return (
        redeclared(*PACKS, clock="replay", partitions=2).replace("serve:\n- now\n", "serve:\n- at_end\n")
        + "---\n"
        + yaml.safe_dump({**_rates(), "clock": "replay", "partitions": 2}, sort_keys=False)
        + "---\n"
        + yaml.safe_dump(
            {"reporting": "default", "zones": list(ZONES), "currency": "EUR", "rates": "fx.rate"}, sort_keys=False
        )
    )


def _rates() -> dict[str, Any]:
    """The stream of rates, which is shipped, and asked for by who names it as theirs."""
    documents = (document for _, raw in shipped_files() for document in yaml.safe_load_all(raw))
    found: dict[str, Any] = next(one for one in documents if one and one.get("stream") == "fx.rate")
    return found


@cache
def the_year() -> Year:
    """The one year that all tests tell."""
    return year(SEED)


@cache
def books(*, complete: bool) -> Books:
    """What is known of it while it runs, or after it."""
    told, until = the_year(), CLOSED if complete else MOMENT
    known = [event for event in told.events if event.time < until]
    repeated = [event for event in told.repeated if event.time < until]
    silent = [event for time in (SILENT if complete else ()) for one in _streams() for event in silence(one, time)]
    return Books(known, until, repeated=repeated, late=told.late if complete else (), silent=silent)


@cache
def _streams() -> tuple[Stream, ...]:
    with TemporaryDirectory() as folder:
        return tuple(catalogue_of(Path(folder), declarations()).streams.values())


class Installation(Protocol):
    """Where events go in and values come out."""

    def tell(self, events: Sequence[Event]) -> None:
        """Sends events, in this order."""

    def be_silent_until(self, time: int) -> None:
        """Moves the clock of every partition, and returns when everything is counted."""

    def now(self) -> int:
        """By the clock that dates what arrives, epoch milliseconds."""

    def ask(self, kpi: str, asked: Asked, by: str | None) -> list[Mapping[str, Any]]:
        """Values as the api gives them."""


@dataclass(frozen=True, slots=True)
class Played:
    """By KPI, what was answered to each cell: while the year ran, and after it."""

    running: dict[str, list[tuple[Cell, list[Mapping[str, Any]]]]] = field(default_factory=dict)
    complete: dict[str, list[tuple[Cell, list[Mapping[str, Any]]]]] = field(default_factory=dict)


def play(installation: Installation, *, shuffled: bool) -> Played:
    """Tells the year and asks.

    In two phases: minutes are kept for two days behind the watermark and quarters of an hour for sixty, so that what is
    made of them can no longer be asked for when the year is over and final.
    """
    first, rest = the_year().arrivals(shuffled=shuffled)
    played = Played()
    installation.tell(first)
    installation.be_silent_until(SILENT[0])
    for name, line in LINES.items():
        played.running[name] = [(cell, _ask(installation, line, cell)) for cell in while_it_runs(line)]
    installation.tell(rest)
    installation.be_silent_until(SILENT[1])
    installation.tell(the_year().late)
    installation.be_silent_until(SILENT[2])
    for name, line in LINES.items():
        played.complete[name] = [(cell, _ask(installation, line, cell)) for cell in after_it(line)]
    return played


def _ask(installation: Installation, line: Line, cell: Cell) -> list[Mapping[str, Any]]:
    asked = cell.asked
    if line.of_arrivals:
        asked = replace(asked, at=installation.now())
    elif not line.to_date and asked.window in line.periods:
        # What is served when it is over is asked for then: before, the one before it would answer.
        asked = replace(asked, at=asked.span[1])
    return installation.ask(line.kpi, asked, cell.breakdown)


def expected(line: Line, cell: Cell, *, complete: bool) -> Fraction | None:
    """What the oracle says."""
    value = line.right(books(complete=complete), cell.asked)
    return None if value is None else Fraction(value)
