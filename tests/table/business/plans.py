"""What sales people are to sell, as their heads write it down; some of it is replaced by something else."""

import calendar
import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, first_instant
from tests.table.business.events import Event, Teller

_REPS = ("north-1", "north-2", "north-3", "south-1", "south-2", "east-1")
_SOME = {"east-2": range(5, 10)}
"""Who has a target in some months only."""


def plans(seed: str) -> Iterator[Event]:
    """All targets of the year, in no order."""
    tell = Teller(f"{seed}-plans")
    for rep, months in {**dict.fromkeys(_REPS, range(1, 13)), **_SOME}.items():
        for month in months:
            yield from _target(tell, rep, month)


def _target(tell: Teller, rep: str, month: int) -> Iterator[Event]:
    first = datetime.date(2025, month, 1)
    starts = first_instant(first, "UTC")
    written = starts + int(tell.chance.uniform(1, 3) * DAY) if month == 1 or tell.happens(0.3) else starts - 4 * DAY
    same = {
        "kpi": "bookings",
        "scope": {"rep_id": rep, "team": rep.partition("-")[0]},
        "start": str(first),
        "review": str(first.replace(day=calendar.monthrange(2025, month)[1])),
        "currency": "EUR",
        "author": "head of sales",
    }
    (event,) = tell.say("kpi.target", written, value=tell.chance.randrange(500_000, 3_000_000), reason="plan", **same)
    yield event
    if tell.happens(0.2):
        later = written + int(tell.chance.uniform(0.2, 20) * DAY) + HOUR
        value = tell.chance.randrange(500_000, 3_000_000)
        supersedes = event.body["id"]
        yield from tell.say("kpi.target", later, value=value, reason="changed", supersedes=supersedes, **same)


_FIGURE = {"value": 0, "start": "2025-01-01", "review": "2025-01-31", "author": "nobody", "reason": "none"}
_PERIOD = {"from": "2025-01-01", "to": "2025-01-31", "author": "nobody"}
NOTHING: dict[str, dict[str, Any]] = {
    "kpi.value": {**_PERIOD, "value": 0, "reason": "none"},
    "kpi.target": _FIGURE,
    "kpi.benchmark": {**_FIGURE, "figure_source": "nowhere"},
    "kpi.baseline": _FIGURE,
    "kpi.action": {**_PERIOD, "text": "none", "owner": "nobody"},
    "kpi.annotation": {**_PERIOD, "text": "none"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
