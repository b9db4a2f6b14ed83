"""Tasks and milestones of projects, and what may go wrong with them."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, MOMENT, START, moments
from tests.table.business.events import Event, Teller
from tests.table.business.people import due_on, in_time, too_late

_WEEK = 7 * DAY


def projects(seed: str) -> Iterator[Event]:
    """All that was planned and done in the year, in no order."""
    tell = Teller(f"{seed}-projects")
    for number, time in enumerate(moments(tell.chance, daily=2, at_edges=4, busy=40)):
        yield from _task(tell, f"A{number}", time)
    for number, time in enumerate([*moments(tell.chance, daily=1, at_edges=2, busy=0), *[MOMENT - DAY] * 4]):
        yield from _milestone(tell, f"M{number}", time)
    for number, time in enumerate(moments(tell.chance, daily=0, at_edges=3, busy=0)):
        yield from _risk(tell, f"R{number}", time)


def _task(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A task that is started or done at `anchor`."""
    spent = tell.after(1000, 20 * HOUR)
    started = anchor - tell.chance.choice((0, spent))
    same = {
        "task_id": name,
        "project_id": f"P{tell.chance.randrange(60)}",
        "assignee_id": f"E{tell.chance.randrange(40)}",
        "team": tell.one_of(north=0.5, south=0.3, east=0.2),
    }

    def say(time: int, action: str) -> Iterator[Event]:
        return tell.say("project.task", time, action=action, **same)

    yield from say(started - tell.after(1000, DAY), "created")
    yield from say(started, "started")
    if tell.happens(0.05):
        yield from say(tell.after(started, 10 * HOUR), "cancelled")
        return
    done = started + spent
    yield from say(done, "done")
    if tell.happens(0.1):
        yield from say(done + tell.chance.choice((HOUR, _WEEK, _WEEK + 1)), "cancelled")
    elif tell.happens(0.2):
        back = tell.chance.choice((tell.after(done, DAY), done + _WEEK, done + _WEEK + 1))
        yield from say(back, "reopened")
        if tell.happens(0.8):
            yield from say(tell.after(back, 5 * HOUR), "done")


def _milestone(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    due, ends = due_on(anchor)
    planned = max(START, ends - tell.chance.randrange(20, 90) * DAY)
    same = {"milestone_id": name, "project_id": f"P{tell.chance.randrange(60)}", "baseline_due": due}

    def say(time: int, action: str, moved: int = 0) -> Iterator[Event]:
        later = (datetime.date.fromisoformat(due) + datetime.timedelta(days=moved)).isoformat()
        return tell.say("project.milestone", time, action=action, due=later, **same)

    yield from say(planned, "planned")
    moved = tell.chance.randrange(1, 20) if tell.happens(0.4) else 0
    if moved:
        yield from say(in_time(tell, planned + 1, ends), "moved", moved)
    if tell.happens(0.6):
        yield from say(in_time(tell, planned + 1, ends), "reached", moved)
    elif tell.happens(0.2):
        yield from say(in_time(tell, planned + 1, ends), "cancelled", moved)
    elif tell.happens(0.9):
        yield from say(too_late(tell, ends), tell.one_of(reached=0.8, cancelled=0.2), moved + 1)


def _risk(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A risk that is found or closed at `anchor`, and judged anew in between."""
    open_for = tell.after(DAY, 60 * DAY)
    opened = anchor - tell.chance.choice((0, open_for))
    same = {
        "risk_id": name,
        "project_id": tell.one_of(atlas=0.5, borealis=0.5),
        "owner_id": f"E{tell.chance.randrange(9)}",
    }

    def say(time: int, action: str) -> Iterator[Event]:
        judged = {
            "probability": tell.chance.randrange(1, 999),
            "impact_minor": tell.chance.randrange(1_000, 5_000_000),
            "currency": "EUR",
        }
        return tell.say("risk.item", time, action=action, **same, **judged)

    yield from say(opened, "opened")
    for step in range(tell.chance.randrange(4)):
        planned = tell.after(opened, 10 * DAY)
        said = {"risk_id": name, "step_id": f"{name}-{step}"}
        yield from tell.say("risk.mitigation", planned, action="planned", **said)
        if tell.happens(0.7):
            action = tell.one_of(done=0.8, dropped=0.2)
            yield from tell.say("risk.mitigation", tell.after(planned, 20 * DAY), action=action, **said)
    if tell.happens(0.5):
        yield from say(opened + open_for // 2, "assessed")
    if tell.happens(0.8):
        yield from say(opened + open_for, "closed")


NOTHING: dict[str, dict[str, Any]] = {
    "project.task": {"project_id": "none", "assignee_id": "nobody", "team": "none", "action": "created"},
    "project.milestone": {"project_id": "none", "action": "moved", "baseline_due": "2025-01-01", "due": "2025-01-01"},
    "risk.item": {
        "project_id": "none",
        "owner_id": "nobody",
        "action": "closed",
        "probability": 0,
        "impact_minor": 0,
        "currency": "EUR",
    },
    "risk.mitigation": {"step_id": "none", "action": "dropped"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
