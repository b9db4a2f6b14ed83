"""What marketing pays, and how people answer to what it publishes."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, START, first_instant, moments
from tests.table.business.events import Event, Teller
from tests.table.business.rates import currency_of

SAID_WITHIN = 90 * DAY
_CAMPAIGNS = {"spring": 0.5, "search": 0.3, "video": 0.2}
_ANSWERS = {"like": 0.4, "comment": 0.15, "share": 0.15, "save": 0.1, "click": 0.2}
_FIRST = datetime.date(2025, 1, 1)


def marketing(seed: str) -> Iterator[Event]:
    """All that marketing reports in the year, in no order."""
    tell = Teller(f"{seed}-marketing")
    for campaign in _CAMPAIGNS:
        # Somebody is always at work, whatever else is paid.
        for month in range(1, 13):
            first = datetime.date(2025, month, 1)
            last = datetime.date(2025 + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
            yield from _spent(tell, START + DAY, campaign, "people", (first, last))
    for time in moments(tell.chance, daily=2, at_edges=2, busy=10):
        yield from _invoice(tell, time)


def social(seed: str) -> Iterator[Event]:
    """All that social networks report in the year, in no order: some say what is new, some say all that there was."""
    tell = Teller(f"{seed}-social")
    posts: list[tuple[str, str, str | None]] = []
    totals: dict[tuple[str, str], int] = {}
    for number, time in enumerate(moments(tell.chance, daily=5, at_edges=8, busy=120)):
        if number % 25 == 0:
            campaign = tell.one_of(**_CAMPAIGNS) if tell.happens(0.8) else None
            posts.append((f"W{number}", tell.one_of(chirp=0.5, lens=0.5), campaign))
        post, network, campaign = tell.chance.choice(posts[-8:])
        seen = "impression" if tell.happens(0.4) else "reach"
        for kind in (tell.one_of(**_ANSWERS), seen):
            count = tell.chance.randint(0, 9) * (40 if kind in ("impression", "reach") else 1)
            if network == "lens":
                # Now and then somebody takes a like back.
                totals[post, kind] = totals.get((post, kind), 0) + (-1 if tell.happens(0.03) else count)
                count = totals[post, kind]
            yield from tell.say(
                "social.engagement",
                time,
                network=network,
                post_id=post,
                campaign_id=campaign,
                kind=kind,
                mode="total" if network == "lens" else "delta",
                count=count,
            )


def _invoice(tell: Teller, time: int) -> Iterator[Event]:
    """An invoice of some days up to twelve weeks, which comes before, meanwhile, or when they are over."""
    day = datetime.datetime.fromtimestamp(time / 1000, datetime.UTC).date()
    days = tell.chance.choice((1, 1, 2, 3, 7, 30, 84))
    ahead = tell.chance.choice((-80, -40, -20, -3, -1, 0, 0, 0, 1, 14))
    first = day + datetime.timedelta(days=ahead)
    if first < _FIRST:
        return
    if tell.happens(0.1):
        # As late as it may be said, to the millisecond.
        time = first_instant(first, "UTC") + SAID_WITHIN
    kind = tell.one_of(media=0.6, agency=0.2, tool=0.1, people=0.1)
    yield from _spent(tell, time, tell.one_of(**_CAMPAIGNS), kind, (first, first + datetime.timedelta(days - 1)))


def _spent(
    tell: Teller, time: int, campaign: str, kind: str, days: tuple[datetime.date, datetime.date]
) -> Iterator[Event]:
    yield from tell.say(
        "marketing.spend",
        time,
        campaign_id=campaign,
        channel=tell.one_of(paper=0.3, web=0.7),
        cost_kind=kind,
        # Seldom a whole number of cents a day.
        amount_minor=int(tell.chance.lognormvariate(8.5, 0.8)) + 1,
        currency=currency_of(str(time)),
        **{"from": days[0].isoformat(), "to": days[1].isoformat()},
    )


NOTHING: dict[str, dict[str, Any]] = {
    "marketing.spend": {
        "channel": "none",
        "cost_kind": "tool",
        "amount_minor": 0,
        "currency": "EUR",
        "from": "2100-01-01",
        "to": "2100-01-01",
    },
    "social.engagement": {"network": "none", "kind": "reach", "mode": "delta", "count": 0},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
