"""Orders and accounts."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, START, first_instant, moments
from tests.table.business.events import Event, Teller
from tests.table.business.rates import currency_of

HORIZON = 90 * DAY
EARLIER = 60 * DAY
"""How long before the year orders and accounts begin to be heard of."""


def customers(seed: str) -> Iterator[Event]:
    """All that shop and billing report in the year, in no order."""
    tell = Teller(f"{seed}-orders", since=START - EARLIER)
    before = [START - tell.chance.randrange(EARLIER) for _ in range(150)]
    for number, time in enumerate([*before, *moments(tell.chance, daily=4, at_edges=8, busy=24)]):
        yield from _order(tell, f"B{number}", time)
    tell = Teller(f"{seed}-accounts", since=START - EARLIER)
    for number, time in enumerate([*moments(tell.chance, daily=1, at_edges=4, busy=20), *_turns(tell)]):
        yield from _account(tell, f"A{number}", time)


def _who(tell: Teller, name: str) -> str:
    """Some buy all the time, some now and then, and some once."""
    if tell.happens(0.45):
        return f"K{tell.chance.randrange(5)}"
    return f"K{tell.chance.randrange(900)}" if tell.happens(0.75) else f"once-{name}"


def _where(tell: Teller) -> dict[str, Any]:
    return {
        "segment": tell.one_of(small=0.6, large=0.4),
        "region": tell.one_of(emea=0.5, americas=0.3, apac=0.2),
    }


def _order(tell: Teller, name: str, time: int) -> Iterator[Event]:
    net = int(tell.chance.lognormvariate(9, 0.8)) + 1
    same = {
        "order_id": name,
        "customer_id": _who(tell, name),
        "market_id": tell.one_of(dach=0.6, iberia=0.4) if tell.happens(0.95) else None,
        "net_minor": net,
        "cogs_minor": net * tell.chance.randint(30, 70) // 100 if tell.happens(0.9) else None,
        # No rates are known of the time before the year.
        "currency": currency_of(name) if time >= START else "EUR",
        "campaign_id": tell.one_of(spring=0.4, search=0.4, video=0.2) if tell.happens(0.6) else None,
        **_where(tell),
    }
    yield from tell.say("customer.order", time, action="placed", **same)
    if tell.happens(0.05):
        # Said twice, with another amount: the first one counts.
        again = {**same, "net_minor": net + 100}
        yield from tell.say("customer.order", tell.after(time, HOUR), action="placed", **again)
    if not tell.happens(0.2):
        return
    # Taken back: soon, at the very end of the horizon, or one millisecond or more past it.
    soon = min(tell.after(time, 10 * DAY), time + HORIZON)
    late = time + tell.chance.choice((HORIZON + 1, HORIZON + 20 * DAY))
    at = tell.chance.choice((soon, soon, time + HORIZON, late))
    action = tell.one_of(cancelled=0.5, refunded=0.5)
    yield from tell.say("customer.order", at, action=action, **same)
    if at != late and tell.happens(0.2):
        yield from tell.say("customer.order", tell.after(at, DAY), action="placed", **same)


def _turns(tell: Teller) -> Iterator[int]:
    """Moments within an hour of the first of a month, where that is asked for."""
    for zone in ("Europe/Berlin", "America/New_York"):
        for month in range(2, 13):
            begins = first_instant(datetime.date(2025, month, 1), zone)
            yield from (begins + tell.chance.randrange(-HOUR, HOUR) for _ in range(3))


def _account(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """An account whose first or last step falls on `anchor`."""
    same = {
        "customer_id": name,
        "plan": tell.one_of(basic=0.6, full=0.4),
        "mrr_minor": tell.chance.randint(10, 500) * 100,
        "currency": currency_of(name),
        **_where(tell),
    }
    begun = anchor if tell.happens(0.3) else anchor - int(tell.chance.expovariate(1 / (60 * DAY)))
    at = max(begun, START - EARLIER + tell.chance.randrange(EARLIER))
    yield from tell.say("customer.account", at - tell.chance.randrange(1, DAY), action="created", **same)
    yield from tell.say("customer.account", at, action="activated", **same)
    if tell.happens(0.25):
        same |= {**_where(tell), "plan": "full", "mrr_minor": same["mrr_minor"] + 5000}
        at = tell.after(at, 20 * DAY)
        yield from tell.say("customer.account", at, action="moved", **same)
    if tell.happens(0.35):
        return
    at = anchor if at < anchor else tell.after(at, 40 * DAY)
    yield from tell.say("customer.account", at, action="cancelled", **same)
    if tell.happens(0.35):
        # Some come back within the same month, and some after a quarter or more.
        at = tell.after(at, tell.chance.choice((4 * DAY, 100 * DAY)))
        yield from tell.say("customer.account", at, action="reactivated", **same)
        if tell.happens(0.3):
            yield from tell.say("customer.account", tell.after(at, 30 * DAY), action="cancelled", **same)


NOTHING: dict[str, Any] = {
    # Whatever is said of an order counts: one that is placed and cancelled is none.
    "customer.order": [
        {
            "order_id": "none",
            "action": action,
            "net_minor": 1,
            "currency": "EUR",
            "segment": "none",
            "region": "none",
        }
        for action in ("placed", "cancelled")
    ],
    "customer.account": {"action": "created", "segment": "none", "region": "none"},
}
"""By stream, a record that counts for nothing, or some that do so together, less their key, id and time."""
