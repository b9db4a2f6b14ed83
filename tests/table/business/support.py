"""Tickets and contacts."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, MINUTE, START, moments
from tests.table.business.events import Event, Teller

REOPENED = 7 * DAY
_AGENT = {"actor": "agent", "public": True}
_CUSTOMER = {"actor": "customer", "public": True}


def support(seed: str) -> Iterator[Event]:
    """All that customer service reports in the year, in no order."""
    tell = Teller(f"{seed}-support")
    for number, time in enumerate(moments(tell.chance, daily=7, at_edges=10, busy=180)):
        yield from _ticket(tell, f"S{number}", time)
    for time in moments(tell.chance, daily=6, at_edges=6, busy=60):
        yield from _contact(tell, time)


def desk_hours(seed: str) -> Iterator[Event]:
    """What people wrote down of the time in which they answered customers: at once, or the week after."""
    tell = Teller(f"{seed}-desk")
    first = datetime.datetime.fromtimestamp(START / 1000, datetime.UTC).date()
    for number in range(1, 365):
        for person, team in (("O1", "north"), ("O3", "south"), ("O4", "east")):
            if tell.happens(0.5):
                yield from tell.say(
                    "work.hours",
                    START + number * DAY + tell.chance.choice((18 * HOUR, 7 * DAY)) + tell.chance.randrange(MINUTE),
                    person_id=person,
                    team=team,
                    project_id="service",
                    date=(first + datetime.timedelta(days=number)).isoformat(),
                    minutes=tell.chance.choice((45, 60, 125)),
                    planned_minutes=60,
                )


def _contact(tell: Teller, time: int) -> Iterator[Event]:
    yield from tell.say(
        "support.contact",
        time,
        contact_id=f"N{tell.chance.getrandbits(48):x}",
        customer_id=f"K{tell.chance.randrange(900)}",
        channel=tell.one_of(phone=0.5, email=0.3, chat=0.2),
        direction=tell.one_of(out=0.25, **{"in": 0.75}),
        reason=tell.one_of(invoice=0.5, delivery=0.3, access=0.2),
        answered=tell.happens(0.9),
        wait_s=tell.chance.randint(5, 400),
    )


def _ticket(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A ticket of which the opening, the first answer or the first resolution falls on `anchor`."""
    priority = tell.one_of(low=0.3, normal=0.5, high=0.2)
    waits = {"low": 60, "normal": 40, "high": 12}[priority] * MINUTE * tell.chance.choice((0.2, 1, 2))
    reply, resolution = tell.after(1000, waits), tell.after(1000, 5 * HOUR)
    opened = anchor - tell.chance.choice((0, reply, reply + resolution))
    same = {
        "ticket_id": name,
        "customer_id": f"K{tell.chance.randrange(900)}",
        "channel": tell.one_of(email=0.6, phone=0.4),
        "kind": tell.one_of(question=0.6, complaint=0.2, fault=0.2),
        "reason": tell.one_of(invoice=0.5, delivery=0.5),
        "priority": priority,
        "tier": tell.one_of(basic=0.7, plus=0.3),
        "team": tell.one_of(north=0.5, south=0.3, east=0.2),
    }
    yield from tell.say("support.ticket", opened, action="opened", **same, **_CUSTOMER)
    if tell.happens(0.2):
        # A program and a note among colleagues are no answer.
        yield from tell.say("support.ticket", opened + 1, action="replied", **same, actor="bot", public=True)
        yield from tell.say("support.ticket", opened + 2, action="replied", **same, actor="agent", public=False)
    if same["kind"] == "complaint":
        yield from _rating(tell, opened, same)
    if tell.happens(0.05):
        # Long after the fact, at the end of the seven days or past it, somebody says what it was.
        again = {**same, "kind": "complaint", **_AGENT}
        said = opened + tell.chance.choice((REOPENED, REOPENED + 1))
        yield from tell.say("support.ticket", said, action="reclassified", **again)
    if tell.happens(0.02):
        return
    if tell.happens(0.05):
        gone = tell.one_of(merged=0.5, deleted=0.5)
        yield from tell.say("support.ticket", tell.after(opened + 2, HOUR), action=gone, **same, **_AGENT)
        return
    yield from _course(tell, opened + reply, opened + reply + resolution, same)


def _course(tell: Teller, replied: int, resolved: int, same: dict[str, Any]) -> Iterator[Event]:
    if tell.happens(0.15):
        # Another team takes it before it answers.
        same = {
            **same,
            "team": tell.one_of(north=0.5, south=0.3, east=0.2),
            "kind": tell.one_of(fault=0.7, complaint=0.3),
        }
        yield from tell.say("support.ticket", replied - 1, action="reclassified", **same, **_AGENT)
    yield from tell.say("support.ticket", replied, action="replied", **same, **_AGENT)
    if tell.happens(0.2):
        yield from tell.say("support.ticket", tell.after(replied, HOUR), action="replied", **same, **_AGENT)
    if tell.happens(0.4):
        resolved = tell.after(resolved, 4 * DAY)
        held, span = replied + 1, resolved - replied
        yield from tell.say("support.ticket", held, action="held", **same, **_AGENT)
        if tell.happens(0.4):
            released = held + tell.chance.randrange(1, span - 1)
            yield from tell.say("support.ticket", released, action="released", **same, **_CUSTOMER)
    if tell.happens(0.05):
        return
    yield from tell.say("support.ticket", resolved, action="resolved", **same, **_AGENT)
    if tell.happens(0.06):
        yield from _return(tell, resolved, same)
    if tell.happens(0.15):
        # Some at the very end of the seven days, some a millisecond past it: these begin a case of their own.
        back = tell.chance.choice((tell.after(resolved, DAY), resolved + REOPENED, resolved + REOPENED + 1))
        yield from tell.say("support.ticket", back, action="reopened", **same, **_CUSTOMER)
        if tell.happens(0.85):
            again = tell.after(back, 5 * HOUR)
            yield from tell.say("support.ticket", again, action="resolved", **same, **_AGENT)


def _return(tell: Teller, resolved: int, same: dict[str, Any]) -> Iterator[Event]:
    """The customer speaks up again for the same reason: soon, at the very end of the seven days, or past it."""
    yield from tell.say(
        "support.contact",
        tell.chance.choice((tell.after(resolved, DAY), resolved + REOPENED, resolved + REOPENED + 1)),
        contact_id=f"N{tell.chance.getrandbits(48):x}",
        customer_id=same["customer_id"],
        channel=tell.one_of(phone=0.5, email=0.3, chat=0.2),
        direction=tell.one_of(out=0.2, **{"in": 0.8}),
        reason=same["reason"],
        answered=True,
        wait_s=tell.chance.randint(5, 400),
    )


def _rating(tell: Teller, opened: int, same: dict[str, Any]) -> Iterator[Event]:
    """What is said about a complaint by its customer, or by another; sometimes as the 30 days end, or later."""
    ends = opened + 30 * DAY
    yield from tell.say(
        "survey.response",
        tell.chance.choice((opened + 1, tell.after(opened, 3 * HOUR), tell.after(opened, DAY), ends, ends + 1)),
        survey_id=f"C{same['ticket_id']}",
        respondent_id=same["customer_id"] if tell.happens(0.8) else f"W{same['ticket_id']}",
        population="customer",
        ticket_id=same["ticket_id"],
        question="csat",
        action="answered",
        score=tell.chance.choice((5, 4, 4, 3, 1)),
        scale_min=1,
        scale_max=5,
        team=same["team"],
        segment=tell.one_of(small=0.6, large=0.4),
    )


NOTHING: dict[str, dict[str, Any]] = {
    "support.ticket": {
        "customer_id": "nobody",
        "action": "released",
        "actor": "bot",
        "public": False,
        "channel": "none",
        "kind": "question",
        "reason": "none",
        "priority": "none",
        "tier": "none",
        "team": "none",
    },
    "support.contact": {
        "contact_id": "none",
        "channel": "web",
        "direction": "out",
        "reason": "none",
        "answered": False,
    },
}
"""By stream, a record that counts for nothing, less its key, id and time."""
