"""Leads, calls and deals."""

import bisect
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, START, moments
from tests.table.business.events import Event, Teller
from tests.table.business.rates import currency_of

HORIZON = 90 * DAY
WON = 30 * DAY
_REPS = {"north": 3, "south": 2, "east": 2}
_CAMPAIGNS = {"spring": 0.5, "search": 0.3, "video": 0.2}
_STAGES = ("new", "offer", "negotiation")


def sales(seed: str) -> Iterator[Event]:
    """All that sales reports in the year, in no order."""
    tell = Teller(f"{seed}-sales")
    leads = [
        list(_lead(tell, f"L{number}", time))
        for number, time in enumerate(moments(tell.chance, daily=4, at_edges=8, busy=20))
    ]
    known = sorted((lead[0].time, str(lead[0].body["lead_id"])) for lead in leads if lead)
    for number, time in enumerate(moments(tell.chance, daily=4, at_edges=8, busy=20)):
        # Some of a lead that nobody reported.
        whose = _recent(tell, known, time) if tell.happens(0.3) else f"X{number}" if tell.happens(0.1) else None
        yield from _deal(tell, f"D{number}", time, whose)
    for lead in leads:
        yield from lead
        yield from _after_lead(tell, lead)
    for time in moments(tell.chance, daily=15, at_edges=6, busy=90):
        yield from _call(tell, time, _recent(tell, known, time) if tell.happens(0.85) else None)
    tell = Teller(f"{seed}-calls")
    for number, time in enumerate(moments(tell.chance, daily=0, at_edges=1, busy=14)):
        # Won on the day of the call.
        whose = _recent(tell, known, time)
        yield from _call(tell, time - tell.chance.randrange(HOUR), whose)
        yield from _deal(tell, f"H{number}", time, whose)


def _recent(tell: Teller, known: list[tuple[int, str]], time: int) -> str | None:
    """One of the leads that were created last."""
    place = bisect.bisect(known, (time, ""))
    return tell.chance.choice(known[max(place - 60, 0) : place])[1] if place else None


def _after_lead(tell: Teller, lead: list[Event]) -> Iterator[Event]:
    """What some leads become: deals that are decided soon, at the very end of the time, or one millisecond past it."""
    if not lead:
        return
    created, name = lead[0].time, str(lead[0].body["lead_id"])
    if tell.happens(0.1):
        # Entered once more by somebody else.
        yield from tell.say("sales.lead", tell.after(created, 5 * DAY), **_fields(lead[0]))
    if tell.happens(0.4):
        decided = tell.chance.choice((created + WON, created + WON + 1, *[tell.after(created, 12 * DAY)] * 6))
        yield from _deal(tell, f"D{name}", decided, name)
        if tell.happens(0.3):
            called = tell.chance.choice((decided - WON, decided - WON - 1))
            yield from _call(tell, called, name)


def _fields(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.body.items() if name not in ("id", "source", "time")}


def _rep(tell: Teller) -> dict[str, Any]:
    team = tell.one_of(north=0.5, south=0.3, east=0.2)
    return {"rep_id": f"{team}-{tell.chance.randint(1, _REPS[team])}", "team": team}


def _call(tell: Teller, time: int, lead: str | None) -> Iterator[Event]:
    outcome = tell.one_of(no_answer=0.45, connected=0.4, meeting=0.15)
    length = 0 if outcome == "no_answer" else tell.chance.randint(20, 1800)
    direction = tell.one_of(out=0.75, **{"in": 0.25})
    name = f"C{tell.chance.getrandbits(48):x}"
    same = {"call_id": name, "lead_id": lead, **_rep(tell)}
    yield from tell.say("sales.call", time, direction=direction, outcome=outcome, duration_s=length, **same)


def _market(tell: Teller) -> dict[str, Any]:
    return {
        "segment": tell.one_of(small=0.6, large=0.4),
        "region": tell.one_of(emea=0.5, americas=0.3, apac=0.2),
    }


def _lead(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """A lead whose creation or last step falls on `anchor`."""
    source = tell.one_of(web=0.5, fair=0.2, referral=0.3)
    campaign = tell.one_of(**_CAMPAIGNS) if source == "web" else None
    rep = _rep(tell) if tell.happens(0.95) else {}
    same = {"lead_id": name, "lead_source": source, "campaign_id": campaign, **rep, **_market(tell)}
    created = anchor if tell.happens(0.5) else anchor - int(tell.chance.expovariate(1 / (6 * DAY)))
    if created < START:
        return
    at = created
    yield from tell.say("sales.lead", at, action="created", **same)
    if tell.happens(0.1):
        merged = at + HORIZON + tell.chance.randint(0, 1) if tell.happens(0.3) else tell.after(at, 5 * DAY)
        yield from tell.say("sales.lead", merged, action="merged", merged_into="L0", **same)
        return
    if tell.happens(0.12):
        at = anchor if created < anchor else tell.after(at, 2 * DAY)
        # Straight to a deal: it was never in the stage of those who were contacted.
        yield from tell.say("sales.lead", at, action="qualified", **same)
        return
    if tell.happens(0.15):
        return
    at = tell.after(at, 2 * DAY) if created == anchor else min(tell.after(at, 2 * DAY), anchor - 1)
    if tell.happens(0.2):
        same |= _rep(tell)
    yield from tell.say("sales.lead", at, action="contacted", **same)
    if tell.happens(0.1):
        return
    at = max(anchor, at + 1) if created < anchor else tell.after(at, 4 * DAY)
    action = tell.one_of(qualified=0.55, disqualified=0.45)
    yield from tell.say("sales.lead", at, action=action, **same)
    if action == "disqualified" and tell.happens(0.2):
        # Heard of again, some of them after so long that it counts anew.
        back = at + tell.chance.choice((2 * DAY, HORIZON, HORIZON + 1))
        yield from tell.say("sales.lead", back, action="contacted", **same)
        yield from tell.say("sales.lead", tell.after(back, DAY), action="qualified", **same)


def _deal(tell: Teller, name: str, anchor: int, lead: str | None) -> Iterator[Event]:
    """A deal that is decided at `anchor`."""
    same = {
        "deal_id": name,
        "lead_id": lead,
        "customer_id": f"K{tell.chance.randrange(900)}",
        "amount_minor": int(tell.chance.lognormvariate(12, 0.9)) + 1,
        "currency": currency_of(name),
        "campaign_id": tell.one_of(**_CAMPAIGNS) if tell.happens(0.4) else None,
        "market_id": tell.one_of(dach=0.6, iberia=0.4) if tell.happens(0.95) else None,
        **_rep(tell),
        **_market(tell),
    }
    passed = [stage for stage in _STAGES if stage == "new" or tell.happens(0.7)]
    times = sorted(anchor - 10 - int(tell.chance.expovariate(1 / (8 * DAY))) for _ in passed)
    for place, (stage, at) in enumerate(zip(passed, times, strict=True)):
        yield from tell.say("sales.deal", at, action="staged" if place else "opened", stage=stage, **same)
    if len(passed) > 1 and tell.happens(0.15):
        # Back to where it began, and forward again.
        yield from tell.say("sales.deal", anchor - 2, action="staged", stage=passed[0], **same)
        yield from tell.say("sales.deal", anchor - 1, action="staged", stage=passed[-1], **same)
    if tell.happens(0.08):
        return
    action = tell.one_of(won=0.55, lost=0.45)
    yield from tell.say("sales.deal", anchor, action=action, stage=passed[-1], **same)
    if tell.happens(0.06):
        # Said twice, with another amount: the first one counts.
        again = {**same, "amount_minor": same["amount_minor"] + 100}
        yield from tell.say("sales.deal", tell.after(anchor, HOUR), action=action, stage=passed[-1], **again)
    if tell.happens(0.18):
        yield from _reversal(tell, anchor, action, passed[-1], same)


def _reversal(tell: Teller, decided: int, action: str, stage: str, same: dict[str, Any]) -> Iterator[Event]:
    """Taken back: soon, at the very end of the horizon, or one millisecond or more past it."""
    soon = min(tell.after(decided, 20 * DAY), decided + HORIZON)
    late = decided + tell.chance.choice((HORIZON + 1, HORIZON + 20 * DAY))
    at = tell.chance.choice((soon, soon, decided + HORIZON, late))
    yield from tell.say("sales.deal", at, action="reverted", stage=stage, **same)
    if at != late and tell.happens(0.4):
        again = action if tell.happens(0.5) else "lost"
        yield from tell.say("sales.deal", tell.after(at, 3 * DAY), action=again, stage=stage, **same)


NOTHING: dict[str, dict[str, Any]] = {
    "sales.lead": {"action": "disqualified", "lead_source": "none", "segment": "none", "region": "none"},
    "sales.call": {"direction": "in", "outcome": "no_answer", "duration_s": 0, "rep_id": "nobody", "team": "none"},
    "sales.deal": {
        "customer_id": "nobody",
        "action": "staged",
        "stage": "none",
        "amount_minor": 1,
        "currency": "EUR",
        "rep_id": "nobody",
        "team": "none",
        "segment": "none",
        "region": "none",
    },
}
"""By stream, a record that counts for nothing, less its key, id and time."""
