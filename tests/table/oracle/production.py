"""What is made, and how well."""

import datetime
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle
from tests.table.oracle.histories import DAY, lives

HORIZON = 90 * DAY
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


def units_each_time(books: Books) -> list[Fact]:
    return _finished(books, each_time=True, failed=True)


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


def _cycles(books: Books, *, paused: bool = False, scrapped: bool = False, within: int = HORIZON) -> list[Fact]:
    found = []
    for unit in _units(books):
        start = next((r["time"] for r in unit if r["action"] == "started"), None)
        gone = [r["time"] for r in unit if r["action"] == "scrapped"]
        ends = [
            r
            for r in unit
            if r["action"] == "finished" and (scrapped or not any(0 <= at - r["time"] <= within for at in gone))
        ]
        if start is None or not ends or ends[0]["time"] < start:
            continue
        end = ends[0]["time"]
        waited = 0 if paused else _paused(unit, start, end)
        found.append(Fact(end, _dimensions(ends[0]), end - start - waited))
    return found


def _paused(unit: list[Body], start: int, end: int) -> int:
    """How long it was put aside between two moments."""
    waited, since = 0, None
    for record in unit:
        if record["action"] == "paused" and since is None:
            since = record["time"]
        elif record["action"] in ("resumed", "finished", "scrapped") and since is not None:
            waited += max(min(record["time"], end) - max(since, start), 0)
            since = None
    return waited if since is None else waited + max(end - max(since, start), 0)


def cycles(books: Books) -> list[Fact]:
    return _cycles(books)


def cycles_with_pauses(books: Books) -> list[Fact]:
    return _cycles(books, paused=True)


def cycles_with_scrap(books: Books) -> list[Fact]:
    return _cycles(books, scrapped=True)


def cycles_short_of_the_horizon(books: Books) -> list[Fact]:
    return _cycles(books, within=HORIZON - 1)


def _inspections(books: Books) -> list[list[Body]]:
    each = [[r for r in unit if r["action"] == "inspected" and "result" in r] for unit in _units(books)]
    return [records for records in each if records]


def _judged(record: Body, result: str) -> Fact:
    return Fact(record["time"], _dimensions(record), int(record["result"] == result))


def passed_at_first(books: Books) -> list[Fact]:
    return [_judged(records[0], "pass") for records in _inspections(books)]


def passed_at_any(books: Books) -> list[Fact]:
    return [_judged(record, "pass") for records in _inspections(books) for record in records]


def of_people(facts: Facts) -> Facts:
    """Those of which is known who made them."""

    def of(books: Books) -> list[Fact]:
        return [fact for fact in books.facts(facts) if fact.dimensions["person_id"] is not None]

    return of


passed_at_first_by_people = of_people(passed_at_first)
passed_at_any_by_people = of_people(passed_at_any)


def _defective(books: Books, within: int) -> list[Fact]:
    return [
        _judged([r for r in records if r["time"] - records[0]["time"] <= within][-1], "fail")
        for records in _inspections(books)
    ]


def defective(books: Books) -> list[Fact]:
    return _defective(books, HORIZON)


def defective_short_of_the_horizon(books: Books) -> list[Fact]:
    return _defective(books, HORIZON - 1)


def defective_at_first(books: Books) -> list[Fact]:
    return _defective(books, 0)


def defective_at_any(books: Books) -> list[Fact]:
    return [_judged(record, "fail") for records in _inspections(books) for record in records]


def _worked(books: Books, field: str, *, when_said: bool = False) -> list[Fact]:
    return [
        Fact(
            sheet["time"] if when_said else _midnight(sheet["date"]),
            {name: sheet.get(name) for name in ("person_id", "team", "project_id")},
            sheet[field],
        )
        for sheet in books.of("work.hours")
    ]


def _midnight(day: str) -> int:
    date = datetime.date.fromisoformat(day)
    return int(datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC).timestamp()) * 1000


def worked(books: Books) -> list[Fact]:
    """Minutes, at the beginning of their day in Greenwich."""
    return _worked(books, "minutes")


def worked_when_said(books: Books) -> list[Fact]:
    return _worked(books, "minutes", when_said=True)


def planned(books: Books) -> list[Fact]:
    return _worked(books, "planned_minutes")
