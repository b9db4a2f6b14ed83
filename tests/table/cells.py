"""What is asked of each line: windows in several zones, while the year runs and after it, and segments."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.table.business.clock import MOMENT, SPECIAL, first_instant
from tests.table.lines import Line
from tests.table.oracle.calendar import Asked

NOON = 12 * 3_600_000
MEMBERS = {
    "team": ("north", "south", "east"),
    "rep_id": ("north-1", "north-2", "north-3", "south-1", "south-2", "east-1", "east-2"),
    "segment": ("small", "large"),
    "region": ("emea", "americas", "apac"),
    "lead_source": ("web", "fair", "referral"),
    "stage": ("created", "contacted", "new", "offer", "negotiation"),
    "campaign_id": ("spring", "search", "video"),
    "placement": ("feed", "banner"),
    "device": ("phone", "desktop"),
    "country": ("DE", "FR", "US"),
    "wave_id": ("spring", "autumn"),
    "priority": ("low", "normal", "high"),
    "kind": ("question", "complaint", "fault"),
    "channel": ("phone", "email", "chat"),
    "reason": ("invoice", "delivery", "access"),
    "question": ("csat", "nps"),
    "theme": ("price", "speed"),
    "journey_step": ("buying", "using"),
}
"""The values of the dimensions that are asked for; the first of each go together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One question. `breakdown`: a dimension of which all values are asked for; then `asked.where` is empty."""

    asked: Asked
    breakdown: str | None = None

    def __str__(self) -> str:
        asked = self.asked
        at = datetime.datetime.fromtimestamp(asked.at / 1000, datetime.UTC)
        which = f" by {self.breakdown}" if self.breakdown else f" {dict(asked.where)}" if asked.where else ""
        return f"{asked.window} at {at:%Y-%m-%dT%H:%MZ} in {asked.zone}{which}"


def _noon(zone: str, month: int, day: int) -> int:
    return first_instant(datetime.date(2025, month, day), zone) + NOON


def while_it_runs(line: Line) -> Iterator[Cell]:
    """Rolling windows, of which minutes and quarters of an hour are kept for some time only; and periods to date."""
    changed = first_instant(datetime.date(2025, 11, 2), "America/New_York")
    for name in line.rolling:
        yield Cell(Asked(name, MOMENT))
        if name != "5m":
            yield Cell(Asked(name, changed + (30 if name == "1h" else 25 * 60) * 60_000))
    for zone in ("Europe/Berlin", "Asia/Kathmandu", "America/New_York"):
        yield Cell(Asked("day", MOMENT, zone))
    for name, zone in (("week", "Europe/Berlin"), ("month", "Asia/Kolkata"), ("quarter", "UTC"), ("year", "UTC")):
        yield Cell(Asked(name, MOMENT, zone))


def after_it(line: Line) -> Iterator[Cell]:
    """Complete periods of the year, those in which clocks are changed among them, and segments of some."""
    for zone, date in SPECIAL:
        yield Cell(Asked("day", first_instant(date, zone) + NOON, zone))
    for zone, month, day in (("Europe/Berlin", 3, 30), ("America/New_York", 11, 2), ("Asia/Kolkata", 6, 15)):
        yield Cell(Asked("week", _noon(zone, month, day), zone))
    for zone, month in (
        ("Europe/Berlin", 3),
        ("Europe/Berlin", 10),
        ("America/New_York", 11),
        ("Australia/Lord_Howe", 4),
        ("Asia/Kathmandu", 8),
    ):
        yield Cell(Asked("month", _noon(zone, month, 10), zone))
    for zone, month in (("UTC", 6), ("America/New_York", 3), ("Europe/Berlin", 12)):
        yield Cell(Asked("quarter", _noon(zone, month, 10), zone))
    yield Cell(Asked("year", _noon("UTC", 7, 1)))
    first, second = line.segments
    yield Cell(Asked("month", _noon("Europe/Berlin", 10, 10), "Europe/Berlin"), first)
    yield Cell(Asked("quarter", _noon("UTC", 6, 10)), second)
    yield pair(line)


def pair(line: Line) -> Cell:
    """The year for one value of each segment."""
    where = {name: MEMBERS[name][0] for name in line.segments}
    return Cell(Asked("year", _noon("UTC", 7, 1), where=where))


def members(cell: Cell) -> dict[str, Cell]:
    """The cells of a breakdown, by the value of its dimension."""
    assert cell.breakdown is not None
    return {value: Cell(replace(cell.asked, where={cell.breakdown: value})) for value in MEMBERS[cell.breakdown]}
