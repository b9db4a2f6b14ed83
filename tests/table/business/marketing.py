"""What marketing pays, and how people answer to what it publishes."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, START, first_instant, moments
from tests.table.business.events import Event, Teller

SAID_WITHIN = 90 * DAY
_CAMPAIGNS = {"spring": 0.5, "search": 0.3, "video": 0.2}
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
        currency="EUR",
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
}
"""By stream, a record that counts for nothing, less its key, id and time."""
