"""When things happen: by day, within minutes of midnights and clock changes, and often in one busy half hour."""

import datetime
import random
from zoneinfo import ZoneInfo

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

START = int(datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC).timestamp() * 1000)
END = START + 365 * DAY
CLOSED = END + 100 * DAY
"""By then nothing of the year can change: all time-outs and the lateness are over."""
MOMENT = int(datetime.datetime(2025, 12, 30, 14, 37, tzinfo=datetime.UTC).timestamp() * 1000)
"""When the year is looked at while it runs: what is later is not there yet."""

SPECIAL = (
    ("UTC", datetime.date(2025, 2, 28)),
    ("America/New_York", datetime.date(2025, 3, 9)),
    ("Europe/Berlin", datetime.date(2025, 3, 30)),
    ("Australia/Lord_Howe", datetime.date(2025, 4, 6)),
    ("Asia/Kolkata", datetime.date(2025, 6, 15)),
    ("Asia/Kathmandu", datetime.date(2025, 8, 20)),
    ("Australia/Lord_Howe", datetime.date(2025, 10, 5)),
    ("Europe/Berlin", datetime.date(2025, 10, 26)),
    ("America/New_York", datetime.date(2025, 11, 2)),
)
"""Days of 23, 23.5, 24, 24.5 and 25 hours, which are asked for one by one."""

ZONES = tuple(dict.fromkeys(zone for zone, _ in SPECIAL))
_EDGE = 4 * MINUTE
_BUSY = 30 * MINUTE


def first_instant(day: datetime.date, zone: str) -> int:
    """When a day begins, epoch milliseconds. Every day of these zones has a midnight."""
    return int(datetime.datetime.combine(day, datetime.time(), ZoneInfo(zone)).timestamp() * 1000)


def edges() -> list[int]:
    """The moments at which the special days begin and end, and their clocks change."""
    found = []
    for zone, day in SPECIAL:
        start, end = first_instant(day, zone), first_instant(day + datetime.timedelta(days=1), zone)
        found += [start, end]
        offsets = {at: _offset(at, zone) for at in range(start, end + 1, 15 * MINUTE)}
        found += [at for at in list(offsets)[1:] if offsets[at] != offsets[at - 15 * MINUTE]]
    return sorted(set(found))


def _offset(at: int, zone: str) -> datetime.timedelta | None:
    return datetime.datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).utcoffset()


def moments(chance: random.Random, *, daily: int, at_edges: int, busy: int) -> list[int]:
    """Moments in order: so many a day, at most as many more on each side of an edge, and so many before `MOMENT`."""
    found = [START + chance.randrange(365 * DAY) for _ in range(daily * 365)]
    found += [edge + chance.randrange(_EDGE) for edge in edges() for _ in range(at_edges)]
    found += [edge - 1 - chance.randrange(_EDGE) for edge in edges() for _ in range(at_edges)]
    found += [MOMENT - 1 - chance.randrange(_BUSY) for _ in range(busy)]
    return sorted(moment for moment in found if START + DAY <= moment < END)
