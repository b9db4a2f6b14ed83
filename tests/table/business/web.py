"""Advertisements, visits and conversions."""

from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, MINUTE, moments
from tests.table.business.events import Event, Teller
from tests.table.business.rates import currency_of

WITHIN = DAY
ATTRIBUTED = 30 * DAY


def web(seed: str) -> Iterator[Event]:
    """All that the website reports in the year, in no order."""
    tell = Teller(f"{seed}-web")
    for time in moments(tell.chance, daily=8, at_edges=6, busy=120):
        yield from tell.say("web.impression", time, count=tell.chance.randint(5, 60), **_advertisement(tell))
    for time in moments(tell.chance, daily=8, at_edges=6, busy=90):
        name = f"T{tell.chance.getrandbits(48):x}"
        who: str | None = _visitor(tell)
        billable = tell.happens(0.9)
        if tell.happens(0.15):
            # Somebody who comes back, at the very end of the time or one millisecond past it.
            who = f"R{tell.chance.getrandbits(48):x}"
            yield from _conversion(tell, time + ATTRIBUTED + tell.chance.randint(0, 1), who, None)
        elif tell.happens(0.1):
            who = None
        yield from tell.say("web.click", time, click_id=name, visitor_id=who, billable=billable, **_advertisement(tell))
    for number, time in enumerate(moments(tell.chance, daily=15, at_edges=8, busy=150)):
        yield from _visit(tell, f"V{number}", time)
    for time in moments(tell.chance, daily=1, at_edges=1, busy=0):
        # Nobody knows in which visit, or in one that was never reported.
        visit = f"X{tell.chance.getrandbits(32):x}" if tell.happens(0.5) else None
        yield from _conversion(tell, time, _visitor(tell), visit)


def _advertisement(tell: Teller) -> dict[str, Any]:
    campaign = tell.one_of(spring=0.5, search=0.3, video=0.2)
    return {
        "campaign_id": campaign,
        "ad_id": f"{campaign}-{tell.chance.randint(1, 3)}",
        "placement": tell.one_of(feed=0.6, banner=0.4),
        "audience": tell.one_of(new=0.5, returning=0.5),
        "is_bot": tell.happens(0.12),
    }


def _visitor(tell: Teller) -> str:
    return f"P{int(tell.chance.paretovariate(0.7)) % 3000}"


def _visit(tell: Teller, name: str, time: int) -> Iterator[Event]:
    who = _visitor(tell)
    bot = tell.happens(0.1)
    yield from tell.say(
        "web.visit",
        time,
        visit_id=name,
        visitor_id=who,
        campaign_id=tell.one_of(spring=0.5, search=0.5) if tell.happens(0.6) else None,
        referrer=tell.one_of(search=0.5, direct=0.5),
        device=tell.one_of(phone=0.6, desktop=0.4),
        country=tell.one_of(DE=0.5, FR=0.3, US=0.2),
        is_bot=bot,
    )
    if tell.happens(0.4):
        # Some stay open in the browser over night: a day is the limit, and belongs to it.
        long = tell.chance.choice((WITHIN, WITHIN + 1))
        at = time + long if tell.happens(0.15) else tell.after(time, 3 * MINUTE)
        yield from _conversion(tell, at, who, name)
        if tell.happens(0.3):
            yield from _conversion(tell, tell.after(at, 5 * MINUTE), who, name)


def _conversion(tell: Teller, time: int, who: str, visit: str | None) -> Iterator[Event]:
    kind = tell.one_of(lead=0.3, signup=0.4, purchase=0.3)
    yield from tell.say(
        "web.conversion",
        time,
        conversion_id=f"O{tell.chance.getrandbits(48):x}",
        visitor_id=who,
        visit_id=visit,
        kind=kind,
        value_minor=tell.chance.randint(500, 20_000) if kind == "purchase" else 0,
        currency=currency_of(str(time)),
    )


NOTHING: dict[str, dict[str, Any]] = {
    "web.impression": {
        "campaign_id": "none",
        "ad_id": "none",
        "placement": "none",
        "audience": "none",
        "is_bot": True,
        "count": 1,
    },
    "web.click": {
        "campaign_id": "none",
        "ad_id": "none",
        "placement": "none",
        "audience": "none",
        "is_bot": True,
        "click_id": "none",
        "billable": False,
    },
    "web.visit": {"visit_id": "none", "referrer": "none", "device": "none", "country": "none", "is_bot": True},
    "web.conversion": {"conversion_id": "none", "kind": "lead", "value_minor": 0, "currency": "EUR"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
