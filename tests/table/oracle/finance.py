"""What finance is measured by."""

import datetime
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.customers import first_ever
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, count, ratio, total
from tests.table.oracle.production import all_units, good_units, units_each_time

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


def against(which: int) -> Oracle:
    """By how much it costs less than in a month of 2025."""

    def of(books: Books, asked: Asked) -> Number | None:
        noon = datetime.datetime(2025, which, 10, 12, tzinfo=datetime.UTC)
        before = operating_cost(books, replace(asked, at=int(noon.timestamp() * 1000)))
        cost = operating_cost(books, asked)
        return 1 - Fraction(cost or 0) / before if before is not None and before > 0 else None

    return of


def against_the_month_before(books: Books, asked: Asked) -> Number | None:
    """Wrong: how it changed."""
    before, cost = operating_cost(books, asked.before), operating_cost(books, asked)
    return 1 - Fraction(cost or 0) / before if before else None


cost_reduction = against(1)
cost_per_unit = ratio(operating_cost, count(all_units))
cost_per_good_unit = ratio(operating_cost, count(good_units))
cost_per_unit_each_time = ratio(operating_cost, count(units_each_time))
acquisition_cost = ratio(total(entries("sales_marketing")), count(first_ever))
