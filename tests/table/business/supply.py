"""Orders to suppliers and from customers, line by line."""

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from tests.table.business.clock import DAY, HOUR, MINUTE, ZONES, first_instant, moments
from tests.table.business.events import Event, Teller

ERRORS = 14 * DAY


def supply(seed: str) -> Iterator[Event]:
    """All that is reported of orders in the year, in no order."""
    tell = Teller(f"{seed}-supply")
    for number, time in enumerate(moments(tell.chance, daily=1, at_edges=12, busy=70)):
        yield from _order(tell, f"W{number}", time)


def _order(tell: Teller, name: str, anchor: int) -> Iterator[Event]:
    """An order that is shipped or delivered at `anchor`."""
    zone = tell.chance.choice(ZONES)
    same = {
        "order_id": name,
        "direction": tell.one_of(outbound=0.6, inbound=0.4),
        "party_id": tell.one_of(acme=0.5, brook=0.3, cedar=0.2),
        "zone": zone,
    }
    shipped = anchor if tell.happens(0.3) else anchor - tell.after(HOUR, DAY)
    delivered = anchor if shipped < anchor else tell.after(shipped + HOUR, DAY)
    placed = shipped - tell.after(HOUR, 2 * DAY)
    day = datetime.datetime.fromtimestamp(delivered / 1000, ZoneInfo(zone)).date()
    # Nobody promises what is over.
    first = datetime.datetime.fromtimestamp(placed / 1000, ZoneInfo(zone)).date()
    promised = max(day + datetime.timedelta(days=tell.chance.choice((-2, 0, 0, 0, 1, 1, 3))), first)
    if tell.happens(0.1):
        # At the end of the day that was promised, or when it is just over.
        delivered = first_instant(promised + datetime.timedelta(days=1), zone) - tell.chance.choice((0, 1))
    same |= {"promised": promised.isoformat(), "original_promised": promised.isoformat()}
    moved = (promised + datetime.timedelta(days=5)).isoformat() if tell.happens(0.2) else same["promised"]
    lines = [
        {**same, "line_id": f"{number}", "ordered_qty": tell.chance.randint(1, 40)}
        for number in range(tell.chance.choice((1, 1, 1, 2, 3)))
    ]
    for line in lines:
        yield from tell.say("supply.order", placed, action="placed", qty=0, **line)
    given_up = tell.happens(0.05)
    for number, line in enumerate(lines):
        # Lines of an order arrive together, or one after the other.
        at = delivered + (number and tell.chance.choice((0, 3 * HOUR, DAY)))
        cancelled = given_up or tell.happens(0.05)
        yield from _line(tell, (placed, shipped, at), {**line, "promised": moved}, cancelled=cancelled)
    yield from _afterwards(tell, shipped, delivered, {**lines[0], "qty": lines[0]["ordered_qty"]})


def _line(tell: Teller, times: tuple[int, int, int], line: dict[str, Any], *, cancelled: bool) -> Iterator[Event]:
    placed, shipped, delivered = times
    ordered = line["ordered_qty"]
    if cancelled:
        at = placed + tell.chance.choice((HOUR, 6 * DAY))
        yield from tell.say("supply.order", at, action="cancelled", qty=0, **line)
        return
    yield from tell.say("supply.order", shipped, action="shipped", qty=ordered, **line)
    if tell.happens(0.04):
        return
    if tell.happens(0.1) and ordered > 1:
        yield from tell.say("supply.order", delivered, action="delivered", qty=ordered - 1, **line)
        delivered = tell.after(delivered, DAY)
    if tell.happens(0.95):
        yield from tell.say("supply.order", delivered, action="delivered", qty=ordered, **line)


def _afterwards(tell: Teller, shipped: int, delivered: int, line: dict[str, Any]) -> Iterator[Event]:
    if tell.happens(0.25):
        right = tell.happens(0.6)
        said = {"right": right, "error_kind": None if right else "wrong item"}
        yield from tell.say("supply.order", delivered + MINUTE, action="inspected", **said, **line)
    if tell.happens(0.2):
        # Some at the very end of the 14 days, some a millisecond past it.
        returned = shipped + tell.chance.choice((3 * DAY, ERRORS, ERRORS + 1))
        said_of_it = tell.chance.choice((None, True, False))
        yield from tell.say("supply.order", returned, action="returned", right=said_of_it, **line)


NOTHING: dict[str, dict[str, Any]] = {
    "supply.order": {
        "line_id": "none",
        "direction": "inbound",
        "party_id": "none",
        "action": "cancelled",
        "qty": 0,
        "ordered_qty": 0,
        "zone": "UTC",
    }
}
"""By stream, a record that counts for nothing, less its key, id and time."""
