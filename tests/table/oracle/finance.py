"""What finance is measured by."""

import datetime
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, total

_DIMENSIONS = ("cost_centre", "project_id", "account_type")
COSTS = ("cogs", "sales_marketing", "operating", "other")


def first_instant(day: str) -> int:
    """When a date begins in Greenwich, epoch milliseconds."""
    return int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000)


def _fact(entry: Body, at: int) -> Fact:
    return Fact(at, {name: entry.get(name) for name in _DIMENSIONS}, entry["amount_minor"])


def _entries(books: Books, account_types: tuple[str, ...]) -> list[Body]:
    entries = books.of("finance.entry")
    return [each for each in entries if each["action"] == "posted" and each["account_type"] in account_types]


def entries(*account_types: str) -> Facts:
    """By the day that they belong to."""
    return lambda books: [_fact(entry, first_instant(entry["effective"])) for entry in _entries(books, account_types)]


def as_posted(*account_types: str) -> Facts:
    """Wrong: by the moment at which they were typed in."""
    return lambda books: [_fact(entry, entry["time"]) for entry in _entries(books, account_types)]


def without_credit_notes(*account_types: str) -> Facts:
    """Wrong: whatever the sign."""
    return lambda books: [fact._replace(value=max(fact.value, -fact.value)) for fact in entries(*account_types)(books)]


def less(above: Oracle, below: Oracle) -> Oracle:
    """One less the other."""
    return lambda books, asked: (above(books, asked) or 0) - (below(books, asked) or 0)


def share_of(above: Oracle, income: Oracle) -> Oracle:
    """Of an income; None where there is none."""

    def of(books: Books, asked: Asked) -> Number | None:
        whole = income(books, asked) or 0
        return (above(books, asked) or 0) / Fraction(whole) if whole > 0 else None

    return of


INCOME = entries("income")
revenue = total(INCOME)
operating_cost = total(entries("operating"))
profit = less(revenue, total(entries(*COSTS)))
gross_profit = less(revenue, total(entries("cogs")))
profit_margin = share_of(profit, revenue)
gross_margin = share_of(gross_profit, revenue)
