"""What marketing pays, and what it gets for it."""

import datetime

from tests.table.oracle.customers import order_revenue, orders_as_said
from tests.table.oracle.facts import Body, Books, Fact, count, ratio, total
from tests.table.oracle.histories import DAY
from tests.table.oracle.web import attributed, billable_clicks

_EPOCH = datetime.date(1970, 1, 1)
_SPENT = ("campaign_id", "channel", "cost_kind")


def _days(first: str, last: str) -> list[int]:
    """The first instant of each day, both ends included."""
    start = (datetime.date.fromisoformat(first) - _EPOCH).days
    return [day * DAY for day in range(start, (datetime.date.fromisoformat(last) - _EPOCH).days + 1)]


def _fact(bill: Body, at: int, amount: int) -> Fact:
    return Fact(at, {name: bill[name] for name in _SPENT}, amount, currency=bill["currency"])


def spent(books: Books) -> list[Fact]:
    """Amounts in shares of whole cents: up to a day there is what the days so far make of the amount, rounded down."""
    found = []
    for bill in books.of("marketing.spend"):
        days, amount = _days(bill["from"], bill["to"]), bill["amount_minor"]
        for number, day in enumerate(days):
            share = amount * (number + 1) // len(days) - amount * number // len(days)
            found.append(_fact(bill, day, share))
    return found


def spent_when_said(books: Books) -> list[Fact]:
    bills = books.of("marketing.spend")
    return [_fact(bill, bill["time"], bill["amount_minor"]) for bill in bills]


def spent_on_the_first_day(books: Books) -> list[Fact]:
    bills = books.of("marketing.spend")
    return [_fact(bill, _days(bill["from"], bill["to"])[0], bill["amount_minor"]) for bill in bills]


def spent_short_of_the_last_day(books: Books) -> list[Fact]:
    found = []
    for bill in books.of("marketing.spend"):
        days = _days(bill["from"], bill["to"])
        days = days[:-1] or days
        found += [_fact(bill, day, bill["amount_minor"] // len(days)) for day in days]
    return found


def spent_on_media(books: Books) -> list[Fact]:
    return [fact for fact in spent(books) if fact.dimensions["cost_kind"] == "media"]


cost_per_click = ratio(total(spent), count(billable_clicks))
return_on_ad_spend = ratio(total(attributed), total(spent))
blended_return = ratio(order_revenue, total(spent))
blended_return_as_said = ratio(total(orders_as_said), total(spent))
