"""How much is in stock, and how often it is sold."""

from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Number, Oracle, inside
from tests.table.oracle.finance import first_instant

DAY = 86_400_000


def _readings(books: Books, asked: Asked) -> list[list[Body]]:
    """Of each article and site, in order of time."""
    return [
        [reading for reading in each if reading["qty"] >= 0]
        for each in books.by("inventory.level", "sku", "site")
        if all(each[0][name] == value for name, value in asked.where.items())
    ]


def _at(books: Books, asked: Asked, moment: int, field: str) -> tuple[int, int]:
    """What is in stock before a moment, and of how many articles and sites is known."""
    last = [each for readings in _readings(books, asked) if (each := [r for r in readings if r["time"] < moment])]
    return sum(readings[-1][field] for readings in last), len(last)


def _end(books: Books, asked: Asked) -> int:
    return min(asked.span[1], books.until)


def inventory_level(books: Books, asked: Asked) -> Number | None:
    return _at(books, asked, _end(books, asked), "qty")[0]


def inventory_level_as_it_began(books: Books, asked: Asked) -> Number | None:
    return _at(books, asked, asked.span[0], "qty")[0]


def readings_added_up(books: Books, asked: Asked) -> Number | None:
    """Wrong: the readings of the window, added up."""
    start, end = asked.span
    return sum(int(r["qty"]) for each in _readings(books, asked) for r in each if start <= r["time"] < end)


def _sold(books: Books) -> list[Fact]:
    return [
        Fact(
            first_instant(entry["effective"]), {"sku": entry["sku"]}, entry["amount_minor"], currency=entry["currency"]
        )
        for entry in books.of("finance.entry")
        if entry["action"] == "posted" and entry["account_type"] == "cogs" and "sku" in entry
    ]


def sold(books: Books, asked: Asked) -> Number:
    """At cost."""
    return sum((fact.value for fact in inside(_sold, books, asked)), 0)


def _days(field: str, *, at_start: bool = False) -> Oracle:
    def of(books: Books, asked: Asked) -> Number | None:
        start, end = asked.span[0], _end(books, asked)
        used = sold(books, asked)
        return Fraction(_at(books, asked, start if at_start else end, field)[0] * (end - start)) / (DAY * used or 1)

    return of


days_of_inventory = _days("value_minor")
days_of_inventory_as_it_began = _days("value_minor", at_start=True)
days_of_units = _days("qty")


def _average(books: Books, asked: Asked, *, of_known: bool = True) -> Fraction:
    """Weighted by time, over the time for which each is known of; times how many are known of in the end."""
    start, end = asked.span[0], _end(books, asked)
    held = known = articles = 0
    for readings in _readings(books, asked):
        before = [reading for reading in readings if reading["time"] < end]
        articles += bool(before)
        for reading, until in zip(before, [*(later["time"] for later in before[1:]), end], strict=True):
            spent = max(until - max(reading["time"], start), 0)
            held, known = held + reading["value_minor"] * spent, known + spent
    whole = Fraction(known, articles) if of_known and articles else Fraction(end - start)
    return Fraction(held) / whole if whole else Fraction()


def _mean_of_readings(books: Books, asked: Asked) -> Fraction:
    start, end = asked.span[0], _end(books, asked)
    values = [r["value_minor"] for each in _readings(books, asked) for r in each if start <= r["time"] < end]
    return Fraction(sum(values), len(values) or 1)


def _mean_of_ends(books: Books, asked: Asked) -> Fraction:
    start, end = asked.span[0], _end(books, asked)
    return Fraction(sum(_at(books, asked, moment, "value_minor")[0] for moment in (start, end)), 2)


def inventory_turnover(books: Books, asked: Asked) -> Number | None:
    average = _average(books, asked)
    return sold(books, asked) / average if average else None


def turnover_of_all_the_time(books: Books, asked: Asked) -> Number | None:
    """Wrong: what is said nothing of is nothing."""
    average = _average(books, asked, of_known=False)
    return sold(books, asked) / average if average else None


def turnover_of_readings(books: Books, asked: Asked) -> Number | None:
    average = _mean_of_readings(books, asked)
    return sold(books, asked) / average if average else None


def turnover_of_ends(books: Books, asked: Asked) -> Number | None:
    average = _mean_of_ends(books, asked)
    return sold(books, asked) / average if average else None


def annualised(books: Books, asked: Asked) -> Number | None:
    turnover = inventory_turnover(books, asked)
    windows: dict[str, Number] = {
        "24h": 365,
        "month": 12,
        "quarter": 4,
        "year": 1,
        "day": 365,
        "week": Fraction(365, 7),
    }
    return None if turnover is None else turnover * windows[asked.window]
