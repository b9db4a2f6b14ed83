"""What is made, and how well."""

from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Number, Oracle
from tests.table.oracle.histories import DAY, lives

SILENCE = 365 * DAY
HOUR = 3_600_000
_UNIT = ("product", "line", "team", "shift")


def _units(books: Books) -> list[list[Body]]:
    return [life for unit in books.by("production.unit", "unit_id") for life in lives(unit, SILENCE)]


def _dimensions(record: Body) -> dict[str, str | None]:
    return {**{name: record[name] for name in _UNIT}, "person_id": record.get("operator_id")}


def _finished(books: Books, *, each_time: bool = False, failed: bool = False) -> list[Fact]:
    found = []
    for unit in _units(books):
        ends = [r for r in unit if r["action"] == "finished" and (failed or r.get("result") != "fail")]
        found += [Fact(end["time"], _dimensions(end)) for end in (ends if each_time else ends[:1])]
    return found


def good_units(books: Books) -> list[Fact]:
    return _finished(books)


def good_units_each_time(books: Books) -> list[Fact]:
    return _finished(books, each_time=True)


def all_units(books: Books) -> list[Fact]:
    return _finished(books, failed=True)


def an_hour(oracle: Oracle) -> Oracle:
    """By the hours of the window that have passed."""

    def of(books: Books, asked: Asked) -> Number | None:
        start, end = asked.span
        value = oracle(books, asked)
        return None if value is None else value * HOUR / Fraction(min(end, books.until) - start)

    return of


def an_hour_of_all(oracle: Oracle) -> Oracle:
    """Wrong: by the hours of the window as a whole."""

    def of(books: Books, asked: Asked) -> Number | None:
        start, end = asked.span
        value = oracle(books, asked)
        return None if value is None else value * HOUR / Fraction(end - start)

    return of
