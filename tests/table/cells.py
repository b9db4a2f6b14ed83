"""What is asked of each line: windows in several zones, while the year runs and after it, and segments."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.table.business.clock import CLOSED, MOMENT, SPECIAL, first_instant
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
    "network": ("chirp", "lens"),
    "placement": ("feed", "banner"),
    "device": ("phone", "desktop"),
    "market_id": ("dach", "iberia"),
    "plan": ("basic", "full"),
    "country": ("DE", "FR", "US"),
    "wave_id": ("spring", "autumn"),
    "priority": ("low", "normal", "high"),
    "kind": ("question", "complaint", "fault"),
    "channel": ("phone", "email", "chat"),
    "reason": ("invoice", "delivery", "access"),
    "question": ("csat", "nps"),
    "theme": ("price", "speed"),
    "account_type": ("income", "cogs", "sales_marketing", "operating", "other"),
    "cost_centre": ("shop", "web", "factory", "office", "lab"),
    "project_id": ("atlas", "borealis"),
    "journey_step": ("buying", "using"),
    "person_id": ("O1", "O2", "O3", "O4"),
    "party_id": ("acme", "brook", "cedar"),
    "direction": ("outbound", "inbound"),
    "sku": ("chair", "lamp", "table"),
    "site": ("port", "yard"),
    "product": ("chair", "table"),
    "line": ("first", "second"),
    "shift": ("early", "late"),
    "department": ("office", "shop"),
}
"""The values of the dimensions that are asked for; the first of each go together."""

RUNNING = (
    ("day", "Europe/Berlin"),
    ("day", "Asia/Kathmandu"),
    ("day", "America/New_York"),
    ("week", "Europe/Berlin"),
    ("month", "Asia/Kolkata"),
    ("quarter", "UTC"),
    ("year", "UTC"),
)
COMPLETE = (
    ("week", "Europe/Berlin", 3, 30),
    ("week", "America/New_York", 11, 2),
    ("week", "Asia/Kolkata", 6, 15),
    ("month", "Europe/Berlin", 3, 10),
    ("month", "Europe/Berlin", 10, 10),
    ("month", "America/New_York", 11, 10),
    ("month", "Australia/Lord_Howe", 4, 10),
    ("month", "Asia/Kathmandu", 8, 10),
    ("quarter", "UTC", 6, 10),
    ("quarter", "America/New_York", 3, 10),
    ("quarter", "Europe/Berlin", 12, 10),
    ("year", "UTC", 7, 1),
)
"""Windows, zones, and a month and day that they hold."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One question. `breakdown`: a dimension of which all values, `members`, are asked for; then `asked.where` is
    empty.
    """

    asked: Asked
    breakdown: str | None = None
    members: tuple[str, ...] = ()

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
    if line.to_date:
        for name, zone in RUNNING:
            if name in line.periods:
                yield Cell(Asked(name, MOMENT, zone))


def after_it(line: Line) -> Iterator[Cell]:
    """Complete periods of the year, those in which clocks are changed among them, and segments of some."""
    if line.of_arrivals:
        year = Asked("year", CLOSED)
        (segment,) = line.segments
        yield Cell(year)
        yield Cell(year, segment, _members(line, segment))
        return
    asked = [Asked("day", first_instant(date, zone) + NOON, zone) for zone, date in SPECIAL]
    asked += [Asked(name, _noon(zone, month, day), zone) for name, zone, month, day in COMPLETE]
    yield from (Cell(each) for each in asked if each.window in line.periods)
    if not line.periods:
        return
    longest = line.periods[-1]
    month = Asked("month", _noon("Europe/Berlin", 10, 10), "Europe/Berlin")
    quarter = Asked("quarter", _noon("UTC", 6, 10))
    for segment, wanted in zip(line.segments, (month, quarter), strict=False):
        asking = wanted if wanted.window in line.periods else Asked(longest, _noon("UTC", 7, 1))
        yield Cell(asking, segment, _members(line, segment))
    if line.segments:
        yield pair(line)


def pair(line: Line) -> Cell:
    """The longest period for one value of each segment."""
    where = {name: _members(line, name)[0] for name in line.segments}
    return Cell(Asked(line.periods[-1], _noon("UTC", 7, 1), where=where))


def _members(line: Line, segment: str) -> tuple[str, ...]:
    return line.members.get(segment) or MEMBERS[segment]


def members(cell: Cell) -> dict[str, Cell]:
    """The cells of a breakdown, by the value of its dimension."""
    assert cell.breakdown is not None
    return {value: Cell(replace(cell.asked, where={cell.breakdown: value})) for value in cell.members}
