"""What sales people sold of what they were to sell."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Number, Oracle, total
from tests.table.oracle.sales import won

DAY = 86_400_000
_DIMENSIONS = ("rep_id", "team")
Passed = Callable[[int, int, int], Fraction]
"""Of a day that begins at a moment, which share lies in a span."""


def _elapsed(day: int, start: int, end: int) -> Fraction:
    return Fraction(max(min(day + DAY, end) - max(day, start), 0), DAY)


def _whole_days(day: int, start: int, end: int) -> Fraction:
    return Fraction(int(start <= day < end))


def standing(books: Books) -> list[Body]:
    """The targets that none has replaced."""
    found: dict[str, Body] = {}
    for body in books.of("kpi.target"):
        found[body.get("supersedes") or body["id"]] = body
    return list(found.values())


def first_said(books: Books) -> list[Body]:
    """Wrong: as they were first said."""
    return [body for body in books.of("kpi.target") if not body.get("supersedes")]


def all_said(books: Books) -> list[Body]:
    """Wrong: what was replaced, too."""
    return books.of("kpi.target")


def _millis(day: str) -> int:
    return int(datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) * 1000


def _held(body: Body, start: int, end: int, passed: Passed) -> Fraction:
    first, last = _millis(body["start"]), _millis(body["review"])
    days = (last - first) // DAY + 1
    shares = (body["value"] * (i + 1) // days - body["value"] * i // days for i in range(days))
    return sum((share * passed(first + i * DAY, start, end) for i, share in enumerate(shares)), Fraction(0))


def _targets(
    books: Books, asked: Asked, passed: Passed, said: Callable[[Books], list[Body]], *, whole: bool
) -> dict[str, Fraction]:
    """By sales person."""
    start, end = asked.span
    end = end if whole else min(end, books.until)
    found: dict[str, Fraction] = {}
    for body in said(books):
        if all(body["scope"].get(name) == value for name, value in asked.where.items()):
            rep = body["scope"]["rep_id"]
            found[rep] = found.get(rep, Fraction(0)) + _held(body, start, end, passed)
    return {rep: target for rep, target in found.items() if target}


def attained(
    passed: Passed = _elapsed,
    said: Callable[[Books], list[Body]] = standing,
    *,
    whole: bool = False,
    all_sold: bool = False,
) -> Oracle:
    """What those who have a target sold, by these targets."""
    booked = total(won)

    def of(books: Books, asked: Asked) -> Number | None:
        targets = _targets(books, asked, passed, said, whole=whole)
        if not targets:
            return None
        reps = [replace(asked, where={**asked.where, "rep_id": rep}) for rep in targets]
        sold = booked(books, asked) if all_sold else sum(booked(books, one) or 0 for one in reps)
        return Fraction(sold or 0) / sum(targets.values())

    return of


def without_target(books: Books, asked: Asked) -> Number:
    """How many who sold something, or lost it again, have none."""
    start, end = asked.span
    inside = {
        fact.dimensions["rep_id"]
        for fact in books.facts(won)
        if start <= fact.at < min(end, books.until)
        and all(fact.dimensions.get(name) == value for name, value in asked.where.items())
    }
    return len(inside - _targets(books, asked, _elapsed, standing, whole=False).keys())


def mean_of_reps(books: Books, asked: Asked) -> Number | None:
    """Wrong: the mean of what each attained."""
    targets = _targets(books, asked, _elapsed, standing, whole=False)
    right = attained()
    each = [right(books, replace(asked, where={**asked.where, "rep_id": rep})) or 0 for rep in targets]
    return Fraction(sum(each)) / len(each) if each else None


quota_attainment = attained()
WRONG: dict[str, Oracle] = {
    "the whole target": attained(whole=True),
    "whole days of a target": attained(_whole_days),
    "targets as they were first said": attained(said=first_said),
    "targets that were replaced, too": attained(said=all_said),
    "what those without a target sold": attained(all_sold=True),
    "a mean of sales people": mean_of_reps,
}
