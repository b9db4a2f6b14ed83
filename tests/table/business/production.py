"""Units that are made, inspected and scrapped, and the hours of those who make them."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, MINUTE, START, moments
from tests.table.business.events import Event, Teller

HORIZON = 90 * DAY
_OPERATORS = {"north": ("O1", "O2"), "south": ("O3",), "east": ("O4",)}


def production(seed: str) -> Iterator[Event]:
    """All that is reported of units in the year, in no order."""
    tell = Teller(f"{seed}-production")
    for number, time in enumerate(moments(tell.chance, daily=2, at_edges=6, busy=50)):
        yield from _unit(tell, f"U{number}", time)


def hours(seed: str) -> Iterator[Event]:
    """The time sheets of the year: every day of each who works, told within two weeks."""
    tell = Teller(f"{seed}-hours")
    first = datetime.datetime.fromtimestamp(START / 1000, datetime.UTC).date()
    people = [(person, team) for team, several in _OPERATORS.items() for person in several]
    for number in range(1, 365):
        for person, team in people:
            if not tell.happens(0.8):
                continue
            # Some write down at once what they did, some the week after, and some just before it is too late.
            said = START + number * DAY + tell.chance.choice((10 * HOUR, 18 * HOUR, 7 * DAY, 14 * DAY - 1))
            yield from tell.say(
                "work.hours",
                said + tell.chance.randrange(MINUTE) - MINUTE,
                person_id=person,
                team=team,
                project_id=tell.one_of(atlas=0.6, borealis=0.4) if tell.happens(0.7) else None,
                date=(first + datetime.timedelta(days=number)).isoformat(),
                minutes=tell.chance.choice((240, 420, 475, 480, 505)),
                planned_minutes=480,
            )


def _unit(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A unit that is finished or inspected at `anchor`."""
    team = tell.one_of(north=0.5, south=0.3, east=0.2)
    same = {
        "unit_id": name,
        "product": tell.one_of(chair=0.6, table=0.4),
        "line": tell.one_of(first=0.6, second=0.4),
        "team": team,
        "shift": tell.one_of(early=0.5, late=0.5),
        "operator_id": tell.chance.choice(_OPERATORS[team]) if tell.happens(0.95) else None,
    }
    finished = anchor if tell.happens(0.6) else anchor - tell.after(0, 2 * HOUR)
    inspected = anchor if finished < anchor else tell.after(finished, 2 * HOUR)
    started = finished - tell.after(2000, 4 * HOUR) * tell.chance.choice((1, 1, 6))
    yield from tell.say("production.unit", started, action="started", **same)
    yield from _pauses(tell, started, finished, same)
    if tell.happens(0.04):
        yield from tell.say("production.unit", finished, action="scrapped", **same)
        return
    failed = tell.happens(0.08)
    said = {"result": "fail"} if failed else {"result": "pass"} if tell.happens(0.5) else {}
    yield from tell.say("production.unit", finished, action="finished", **said, **same)
    if tell.happens(0.05):
        # Said again by another name, which is no further unit.
        yield from tell.say("production.unit", finished + MINUTE, action="finished", **same)
    yield from _inspections(tell, finished, inspected, same, failed=failed)


def _pauses(tell: Teller, started: int, finished: int, same: dict[str, Any]) -> Iterator[Event]:
    if tell.happens(0.4):
        paused = started + tell.chance.randrange(1, finished - started)
        yield from tell.say("production.unit", paused, action="paused", **same)
        if tell.happens(0.7):
            resumed = paused + tell.chance.randrange(1, max(finished - paused, 2))
            yield from tell.say("production.unit", resumed, action="resumed", **same)


def _inspections(tell: Teller, finished: int, inspected: int, same: dict[str, Any], *, failed: bool) -> Iterator[Event]:
    if tell.happens(0.1):
        return
    bad = failed or tell.happens(0.3)
    result = {"result": "fail", "defects": tell.chance.randint(1, 4)} if bad else {"result": "pass", "defects": 0}
    yield from tell.say("production.unit", inspected, action="inspected", **result, **same)
    if not bad:
        if tell.happens(0.06):
            # Some at the very end of the horizon, some a millisecond past it.
            gone = tell.chance.choice((tell.after(inspected, 5 * DAY), finished + HORIZON, finished + HORIZON + 1))
            yield from tell.say("production.unit", gone, action="scrapped", **same)
        return
    again = tell.after(inspected, DAY)
    if tell.happens(0.2):
        yield from tell.say("production.unit", again, action="scrapped", **same)
        return
    yield from tell.say("production.unit", again, action="reworked", **same)
    again = tell.after(again, DAY) if tell.happens(0.8) else inspected + tell.chance.choice((HORIZON, HORIZON + 1))
    result = {"result": "pass"} if tell.happens(0.5) else {"result": "fail", "defects": 1}
    yield from tell.say("production.unit", again, action="inspected", **result, **same)


NOTHING: dict[str, dict[str, Any]] = {
    "production.unit": {"product": "none", "line": "none", "team": "none", "shift": "none", "action": "resumed"},
    "work.hours": {"team": "none", "date": "2027-01-01", "minutes": 0, "planned_minutes": 0},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
