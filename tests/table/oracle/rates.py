"""What money of other currencies is worth in euros, by exact fractions: at the rate of a fact's UTC day."""

import datetime
from fractions import Fraction
from functools import cache

from tests.table.oracle.facts import Books, Fact, Facts, Number

EUROS = "EUR"
_NO_CENTS = frozenset({"JPY"})
_DAYS = 7
Rate = dict[tuple[str, str], int]


@cache
def money(facts: Facts, *, days: int = _DAYS, cents: int | None = None) -> Facts:
    """The same facts with their values in cents of a euro, unrounded. Facts say their `currency`.

    `days`, `cents`: wrong where given; for how long a rate holds, and the digits of every currency.
    """

    def of(books: Books) -> list[Fact]:
        rates = _said(books)
        return [fact._replace(value=_worth(fact, rates, days, cents)) for fact in books.facts(facts)]

    return of


@cache
def at_the_moment(facts: Facts, at: str) -> Facts:
    """Wrong: everything by the rates of one day."""

    def of(books: Books) -> list[Fact]:
        rates = _said(books)
        day = datetime.date.fromisoformat(at)
        return [
            fact._replace(value=_by(fact, _in_force(rates, fact.currency, day, _DAYS))) for fact in books.facts(facts)
        ]

    return of


@cache
def rounded_one_by_one(facts: Facts) -> Facts:
    """Wrong: rounded before they are added up."""
    exact = money(facts)
    return lambda books: [fact._replace(value=round(fact.value)) for fact in books.facts(exact)]


def _said(books: Books) -> Rate:
    """What was said last of each currency and day."""
    return {(body["currency"], body["date"]): body["rate"] for body in books.of("fx.rate")}


def _worth(fact: Fact, rates: Rate, days: int, cents: int | None) -> Number:
    day = datetime.datetime.fromtimestamp(fact.at / 1000, datetime.UTC).date()
    return _by(fact, _in_force(rates, fact.currency, day, days), cents)


def _by(fact: Fact, rate: int, cents: int | None = None) -> Number:
    if fact.currency == EUROS:
        return fact.value
    digits = cents if cents is not None else 0 if fact.currency in _NO_CENTS else 2
    return Fraction(fact.value) * Fraction(rate * 100, 10 ** (8 + digits))


def _in_force(rates: Rate, currency: str, day: datetime.date, days: int) -> int:
    """The rate of the day, or the last one before it; those of the year have no gap of more than five days."""
    for before in range(days + 1):
        found = rates.get((currency, str(day - datetime.timedelta(days=before))))
        if found is not None:
            return found
    assert currency == EUROS or days < _DAYS, f"no rate of {currency} for {day}"
    return 10**8
