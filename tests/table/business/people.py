"""Trainings and goals with the days on which they are due."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, START, first_instant, moments
from tests.table.business.events import Event, Teller

_ZONE = "Europe/Berlin"


def people(seed: str) -> Iterator[Event]:
    """All that people were to learn and to reach in the year, in no order."""
    tell = Teller(f"{seed}-people")
    for number, time in enumerate(moments(tell.chance, daily=2, at_edges=2, busy=0)):
        yield from _training(tell, f"T{number}", time)
    for number, time in enumerate(moments(tell.chance, daily=2, at_edges=2, busy=0)):
        yield from _goal(tell, f"G{number}", time)


def due_on(time: int) -> tuple[str, int]:
    """The day there is at a moment, and the last millisecond of it."""
    day = datetime.datetime.fromtimestamp(time / 1000, datetime.UTC).date()
    return day.isoformat(), first_instant(day + datetime.timedelta(days=1), _ZONE) - 1


def in_time(tell: Teller, since: int, ends: int) -> int:
    """Sometime before the end, or just then."""
    return ends if tell.happens(0.2) else tell.chance.randrange(since, ends)


def too_late(tell: Teller, ends: int) -> int:
    """Some time after the end, or right after it."""
    return ends + 1 if tell.happens(0.3) else tell.after(ends, 5 * DAY)


def _training(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    due, ends = due_on(anchor)
    since = max(START, ends - tell.chance.randrange(1, 60) * DAY)
    same = {
        "assignment_id": name,
        "person_id": f"E{tell.chance.randrange(40)}",
        "team": tell.one_of(north=0.5, south=0.3, east=0.2),
        "department": tell.one_of(office=0.6, shop=0.4),
        "course": tell.one_of(safety=0.5, privacy=0.3, selling=0.2),
        "due": due,
    }

    def say(time: int, action: str) -> Iterator[Event]:
        return tell.say("hr.training", time, action=action, **same)

    yield from say(since, "assigned")
    if tell.happens(0.7):
        done = in_time(tell, since + 1, ends)
        yield from say(done, "completed")
        if tell.happens(0.05):
            yield from say(min(done + 1, ends), "withdrawn")
    elif tell.happens(0.4):
        yield from say(in_time(tell, since + 1, ends), "withdrawn")
    elif tell.happens(0.7):
        yield from say(too_late(tell, ends), tell.one_of(completed=0.7, withdrawn=0.3))


def _goal(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    due, ends = due_on(anchor)
    since = max(START, ends - tell.chance.randrange(10, 90) * DAY)
    same = {
        "goal_id": name,
        "person_id": f"E{tell.chance.randrange(40)}",
        "team": tell.one_of(north=0.5, south=0.3, east=0.2),
        "department": tell.one_of(office=0.6, shop=0.4),
        "due": due,
    }

    def say(time: int, action: str, progress: int | None = None) -> Iterator[Event]:
        return tell.say("hr.goal", time, action=action, progress=progress, **same)

    yield from say(since, "set", 0 if tell.happens(0.5) else None)
    if tell.happens(0.7):
        yield from say(in_time(tell, since + 1, ends), "progress", tell.chance.randrange(10, 100))
    if tell.happens(0.3):
        yield from say(too_late(tell, ends), "progress", 100)
    if tell.happens(0.6):
        yield from say(in_time(tell, since + 1, ends), "met")
    elif tell.happens(0.3):
        yield from say(in_time(tell, since + 1, ends), tell.one_of(missed=0.5, withdrawn=0.5))
    elif tell.happens(0.5):
        yield from say(too_late(tell, ends), tell.one_of(met=0.7, withdrawn=0.3))


_NOBODY = {"person_id": "nobody", "team": "none", "department": "none", "due": "2025-01-01"}
NOTHING: dict[str, dict[str, Any]] = {
    "hr.training": {**_NOBODY, "course": "none", "action": "withdrawn"},
    "hr.goal": {**_NOBODY, "action": "withdrawn"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
