"""What plain events contribute by dates of their own, computed one record at a time. Reads no declaration."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

DAY = datetime.timedelta(days=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Record = Mapping[str, Any]


@cache
def first_instant(day: datetime.date, zone: str) -> int:
    """When a local day begins, epoch milliseconds: the first minute of UTC that falls on it."""
    moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC) - datetime.timedelta(hours=15)
    while moment.astimezone(ZoneInfo(zone)).date() < day:
        moment += datetime.timedelta(minutes=1)
    return round(moment.timestamp() * 1000)


def shares(value: int, first: datetime.date, last: datetime.date) -> Iterator[tuple[datetime.date, int]]:
    """A value over the days from `first` to `last`: what is spent by the end of each, less what was spent before."""
    days = (last - first).days + 1
    spent = 0
    for number in range(1, days + 1):
        total = floor(Fraction(value * number, days))
        yield first + (number - 1) * DAY, total - spent
        spent = total


def hour_of_week(moment: int, zone: str) -> str:
    """A moment in epoch milliseconds on the clock of a zone, such as `mon 09`."""
    local = datetime.datetime.fromtimestamp(moment / 1000, ZoneInfo(zone))
    return f"{WEEK[local.weekday()]} {local.hour:02}"


def in_time(record: Record, first: int, within: int, corrections: int) -> bool:
    """Whether a record may still say something of the moment `first`. A void says nothing of a moment."""
    longer = corrections if record.get("corrects") is not None else 0
    return record.get("voids") is not None or int(record["time"]) - first <= within + longer


def standing(accepted: Iterable[Record], corrections: int) -> list[Record]:
    """The events that were not voided, as they were last corrected within the horizon, at their own time."""
    events: dict[str, Record] = {}
    said: list[Record] = []
    for record in accepted:
        if record.get("corrects") is None and record.get("voids") is None:
            events[record["id"]] = record
        else:
            said.append(record)
    times = {name: int(event["time"]) for name, event in events.items()}
    for record in sorted(said, key=lambda each: (int(each["time"]), each["id"])):
        name = record.get("corrects")
        if name in events and times[name] <= int(record["time"]) <= times[name] + corrections:
            events[name] = {**record, "time": times[name]}
    for record in said:
        name = record.get("voids")
        if name in events and times[name] <= int(record["time"]) <= times[name] + corrections:
            del events[name]
    return list(events.values())
