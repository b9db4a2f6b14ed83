"""What finance is measured by."""

import calendar
import datetime
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.customers import first_ever
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle, count, ratio, total
from tests.table.oracle.production import all_units, good_units, units_each_time
from tests.table.oracle.spending import spent, spent_on_media, spent_when_said

_DIMENSIONS = ("cost_centre", "project_id", "account_type")
COSTS = ("cogs", "sales_marketing", "operating", "other")


def first_instant(day: str) -> int:
    """When a date begins in Greenwich, epoch milliseconds."""
    return int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000)


def _fact(entry: Body, at: int) -> Fact:
    return Fact(at, {name: entry.get(name) for name in _DIMENSIONS}, entry["amount_minor"], currency=entry["currency"])


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


def _plans(books: Books, *, which: Callable[[Iterable[Body]], Iterable[Body]]) -> list[Fact]:
    found: dict[tuple[str, str, str], list[Body]] = {}
    for plan in books.of("finance.budget"):
        found.setdefault((plan["cost_centre"], plan["account_type"], plan["month"][:7]), []).append(plan)
    return [fact for versions in found.values() for plan in which(versions) for fact in _days(plan)]


def _days(plan: Body) -> list[Fact]:
    day = datetime.date.fromisoformat(plan["month"])
    count = calendar.monthrange(day.year, day.month)[1]
    parts = [
        plan["amount_minor"] * (place + 1) // count - plan["amount_minor"] * place // count for place in range(count)
    ]
    dimensions = {name: plan[name] for name in ("cost_centre", "account_type")}
    return [
        Fact(first_instant(str(day.replace(day=place))), dimensions, part, currency=plan["currency"])
        for place, part in enumerate(parts, 1)
    ]


def plans(books: Books) -> list[Fact]:
    """Of each month the highest version, by day; of several the one that was said last."""
    return _plans(books, which=lambda versions: [max(versions, key=lambda plan: (plan["version"], plan["time"]))])


def plans_said_last(books: Books) -> list[Fact]:
    return _plans(books, which=lambda versions: [max(versions, key=lambda plan: int(plan["time"]))])


def plans_said_first(books: Books) -> list[Fact]:
    return _plans(books, which=lambda versions: [min(versions, key=lambda plan: int(plan["time"]))])


def plans_added(books: Books) -> list[Fact]:
    return _plans(books, which=lambda versions: versions)


def plans_of_whole_months(books: Books) -> list[Fact]:
    """Wrong: all of a month from its first day on."""
    found: dict[tuple[object, ...], Fact] = {}
    for fact in plans(books):
        day = datetime.datetime.fromtimestamp(fact.at / 1000, datetime.UTC)
        key = (day.year, day.month, *fact.dimensions.values())
        known = found.get(key)
        found[key] = fact if known is None else known._replace(value=known.value + fact.value)
    return list(found.values())


ALL = entries("income", *COSTS)


def variance(planned: Facts, booked: Facts = ALL) -> Oracle:
    """By how much more is booked than planned."""
    return less(total(booked), total(planned))


def variance_share(planned: Facts, booked: Facts = ALL) -> Oracle:
    """The same, of what is planned, whatever the sign of that."""

    def of(books: Books, asked: Asked) -> Number | None:
        whole = total(planned)(books, asked) or 0
        return Fraction(variance(planned, booked)(books, asked) or 0) / max(whole, -whole) if whole else None

    return of


def variance_of_signed(books: Books, asked: Asked) -> Number | None:
    """Wrong: of a plan below zero the other way round."""
    return ratio(variance(plans), total(plans))(books, asked)


paid_acquisition_cost = ratio(total(spent_on_media), count(first_ever))
paid_when_said = ratio(total(spent_when_said), count(first_ever))
paid_for_all = ratio(total(spent), count(first_ever))
