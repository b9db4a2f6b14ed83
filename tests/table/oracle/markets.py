"""What share of their markets the orders are."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.customers import orders
from tests.table.oracle.facts import Body, Books, Number, Oracle, inside, total

DAY = 86_400_000
Said = Callable[[Books], list[Body]]


def standing(books: Books) -> list[Body]:
    """The figures that none has replaced."""
    found: dict[str, Body] = {}
    for body in books.of("market.figure"):
        found[body.get("corrects") or body["id"]] = body
    return list(found.values())


def first_said(books: Books) -> list[Body]:
    """Wrong: as they were first said."""
    return [body for body in books.of("market.figure") if not body.get("corrects")]


def _millis(day: str) -> int:
    return int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * 1000


def _days(body: Body, books: Books, asked: Asked) -> Iterator[tuple[int, int]]:
    """(number of days, number of the day) of those days of a figure that begin in a window."""
    start, end = asked.span
    first = _millis(body["valid_from"])
    days = (_millis(body["valid_to"]) - first) // DAY + 1
    return ((days, day) for day in range(days) if start <= first + day * DAY < min(end, books.until))


def _figures(books: Books, asked: Asked, said: Said) -> Iterator[Body]:
    market = asked.where.get("market_id")
    return (body for body in said(books) if market in (None, body["market_id"]))


def _sizes(books: Books, asked: Asked, said: Said) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for body in _figures(books, asked, said):
        value = body["value_minor"]
        for days, day in _days(body, books, asked):
            share = Fraction(value * (day + 1) // days - value * day // days)
            found[body["market_id"]] = found.get(body["market_id"], Fraction(0)) + share
    return found


def _populations(books: Books, asked: Asked, said: Said) -> dict[str, Fraction]:
    people: dict[str, list[int]] = {}
    for body in _figures(books, asked, said):
        people.setdefault(body["market_id"], []).extend(body["population"] for _ in _days(body, books, asked))
    return {market: Fraction(sum(each), len(each)) for market, each in people.items() if each}


def _buyers(books: Books, asked: Asked) -> int:
    signs: dict[str | None, int] = {}
    for fact in inside(orders, books, asked):
        customer = fact.dimensions["customer_id"]
        signs[customer] = signs.get(customer, 0) + fact.sign
    return sum(sign > 0 for sign in signs.values())


def share(
    below: Callable[[Books, Asked, Said], dict[str, Fraction]],
    above: Oracle,
    said: Said = standing,
    *,
    everywhere: bool = False,
    mean: bool = False,
) -> Oracle:
    """Ours, of the markets of which something is known, by what is known of them."""

    def of(books: Books, asked: Asked) -> Number | None:
        known = below(books, asked, said)
        if not known:
            return None
        each = {
            market: Fraction(above(books, replace(asked, where={**asked.where, "market_id": market})) or 0)
            for market in known
        }
        if mean:
            return sum((each[market] / known[market] for market in known), Fraction(0)) / len(known)
        ours = Fraction(above(books, asked) or 0) if everywhere else sum(each.values(), Fraction(0))
        return ours / sum(known.values(), Fraction(0))

    return of


_revenue = total(orders)
market_share = share(_sizes, _revenue)
market_penetration = share(_populations, _buyers)
WRONG_SHARES: dict[str, Oracle] = {
    "revenue of no known market": share(_sizes, _revenue, everywhere=True),
    "a mean of markets": share(_sizes, _revenue, mean=True),
    "figures as they were first said": share(_sizes, _revenue, first_said),
}
WRONG_PENETRATIONS: dict[str, Oracle] = {
    "buyers of no known market": share(_populations, _buyers, everywhere=True),
    "a mean of markets": share(_populations, _buyers, mean=True),
    "figures as they were first said": share(_populations, _buyers, first_said),
    "orders": share(_populations, lambda books, asked: sum(fact.sign for fact in inside(orders, books, asked))),
}
