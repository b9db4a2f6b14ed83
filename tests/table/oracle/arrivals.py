"""What becomes of all that comes in, in the streams that are not of figures that people record."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Books, Number

STREAMS = (
    "brand.survey",
    "customer.account",
    "customer.order",
    "finance.budget",
    "finance.entry",
    "hr.goal",
    "hr.training",
    "inventory.level",
    "marketing.spend",
    "production.unit",
    "project.milestone",
    "project.task",
    "resource.state",
    "risk.item",
    "risk.mitigation",
    "sales.call",
    "sales.deal",
    "sales.lead",
    "social.engagement",
    "supply.order",
    "support.contact",
    "support.ticket",
    "survey.response",
    "web.click",
    "web.conversion",
    "web.impression",
    "web.visit",
    "work.hours",
)


def _count(books: Books, asked: Asked, fates: Iterable[str]) -> int:
    wanted = asked.where.get("stream")
    streams = STREAMS if wanted is None else (wanted,)
    return sum(books.arrivals[fate].get(stream, 0) for fate in fates for stream in streams)


def _share(books: Books, asked: Asked, *fates: str) -> Number | None:
    told = _count(books, asked, ("told",))
    return Fraction(_count(books, asked, fates), told) if told else None


def spoilt(books: Books, asked: Asked) -> Number | None:
    """The share of all that came in which came again or too late."""
    return _share(books, asked, "repeated", "late")


def spoilt_by_lateness(books: Books, asked: Asked) -> Number | None:
    """Wrong: what comes again is no harm."""
    return _share(books, asked, "late")


def spoilt_by_repetition(books: Books, asked: Asked) -> Number | None:
    """Wrong: what comes too late is no harm."""
    return _share(books, asked, "repeated")


def spoilt_of_what_counts(books: Books, asked: Asked) -> Number | None:
    """Wrong: for each one that counts."""
    bad = _count(books, asked, ("repeated", "late"))
    good = _count(books, asked, ("told",)) - bad
    return Fraction(bad, good) if good else None


def spoilt_in_all_streams(books: Books, asked: Asked) -> Number | None:
    """Wrong: the same for each stream."""
    return spoilt(books, replace(asked, where={}))
