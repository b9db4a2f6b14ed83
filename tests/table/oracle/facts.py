"""Dated facts, and what is made of them: counts, totals, means, ratios, shares of order."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from tests.table.oracle.calendar import Asked
from tests.table.oracle.rates import EUROS, Rates, day_of, in_euros, in_force, rates

Body = Mapping[str, Any]
Number = int | Fraction


class Fact(NamedTuple):
    """Something that counts at a moment, for the values of some dimensions; with a sign of -1, that counts off.

    `currency`: of a value that is money, in its minor units. `Books.facts` gives it in cents of a euro.
    """

    at: int
    dimensions: Mapping[str, str | None]
    value: Number = 1
    sign: int = 1
    currency: str = EUROS


class Books:
    """Everything that was said by a moment, and is to count. `repeated`, `late`: what was said too, and is not.
    `silent`: what counts for
    nothing, and was said.
    """

    def __init__(
        self,
        events: Iterable[tuple[str, Body]],
        until: int,
        *,
        repeated: Iterable[tuple[str, Body]] = (),
        late: Iterable[tuple[str, Body]] = (),
        silent: Iterable[tuple[str, Body]] = (),
    ) -> None:
        self.until = until
        self._events, self._repeated, self._late = tuple(events), tuple(repeated), tuple(late)
        self._silent = tuple(silent)
        self._streams: dict[str, list[Body]] = {}
        for stream, body in sorted(self._events, key=lambda event: int(event[1]["time"])):
            self._streams.setdefault(stream, []).append(body)
        self._made: dict[Callable[[Books], list[Fact]], list[Fact]] = {}

    def of(self, stream: str) -> list[Body]:
        """The events of a stream in order of time."""
        return self._streams.get(stream, [])

    def by(self, stream: str, *fields: str) -> list[list[Body]]:
        """The events of a stream in order of time, for each value of the fields."""
        found: dict[tuple[Any, ...], list[Body]] = {}
        for body in self.of(stream):
            found.setdefault(tuple(body.get(name) for name in fields), []).append(body)
        return list(found.values())

    def facts(self, made_by: "Facts") -> list[Fact]:
        """What follows from it, computed once; money in euros, at the rate of its UTC day."""
        if made_by not in self._made:
            self._made[made_by] = [self._in_euros(fact) for fact in made_by(self)]
        return self._made[made_by]

    def _in_euros(self, fact: Fact) -> Fact:
        if fact.currency == EUROS:
            return fact
        try:
            rate = in_force(self._rates, fact.currency, day_of(fact.at))
        except LookupError:
            # It lies ahead of what is known, and is not asked for yet.
            return fact
        return fact._replace(value=in_euros(fact.value, fact.currency, rate), currency=EUROS)

    @cached_property
    def _rates(self) -> Rates:
        return rates(self.of("fx.rate"))

    @cached_property
    def arrivals(self) -> Mapping[str, Mapping[str, int]]:
        """How many records of each stream came in: `told`, of which some were `repeated` and some `late`."""
        heard = [event for part in (self._events, self._silent) for event in part]
        parts = {"told": [*heard, *self._repeated, *self._late], "repeated": self._repeated, "late": self._late}
        return {name: Counter(stream for stream, _ in events) for name, events in parts.items()}

    @cached_property
    def said_twice(self) -> "Books":
        """As if nobody noticed what is said again."""
        return Books([*self._events, *self._repeated], self.until)

    @cached_property
    def never_too_late(self) -> "Books":
        """As if nothing could come too late."""
        return Books([*self._events, *self._late], self.until)


Facts = Callable[[Books], list[Fact]]
Oracle = Callable[[Books, Asked], Number | None]


def inside(facts: Facts, books: Books, asked: Asked) -> list[Fact]:
    """The facts of a window and segment, those left out that lie ahead of what is known."""
    start, end = asked.span
    end = min(end, books.until)
    wanted = asked.where.items()
    found = [
        fact
        for fact in books.facts(facts)
        if start <= fact.at < end and all(fact.dimensions.get(name) == value for name, value in wanted)
    ]
    assert all(fact.currency == EUROS for fact in found), "a currency has no rate on some day of the year"
    return found


def count(facts: Facts) -> Oracle:
    """How many."""
    return lambda books, asked: sum(fact.sign for fact in inside(facts, books, asked))


def total(facts: Facts) -> Oracle:
    """The sum of their values."""
    return lambda books, asked: sum(fact.sign * fact.value for fact in inside(facts, books, asked))


def ratio(above: Oracle, below: Oracle, times: int = 1) -> Oracle:
    """One by the other; None where that is none."""

    def of(books: Books, asked: Asked) -> Number | None:
        numerator, denominator = above(books, asked), below(books, asked)
        if numerator is None or not denominator:
            return None
        return Fraction(numerator) / denominator * times

    return of


def plus(*parts: Oracle) -> Oracle:
    """The sum of several."""
    return lambda books, asked: sum(part(books, asked) or 0 for part in parts)


def mean(facts: Facts) -> Oracle:
    """Their mean value."""
    return ratio(total(facts), count(facts))


def seconds(oracle: Oracle) -> Oracle:
    """Milliseconds as seconds."""
    return ratio(oracle, lambda *_: 1000)


def share_of_order(facts: Facts, quantile: float) -> Oracle:
    """The nearest rank. All signs are 1."""

    def of(books: Books, asked: Asked) -> Number | None:
        values = sorted(fact.value for fact in inside(facts, books, asked))
        return values[max(math.ceil(quantile * len(values)), 1) - 1] if values else None

    return of


def mean_of_members(oracle: Oracle, dimension: str, facts: Facts) -> Oracle:
    """Wrong: the mean of what a ratio is for each value of a dimension."""

    def of(books: Books, asked: Asked) -> Number | None:
        members = {fact.dimensions.get(dimension) for fact in inside(facts, books, asked)} - {None}
        where = [{**asked.where, dimension: str(member)} for member in members]
        values = [value for each in where if (value := oracle(books, replace(asked, where=each))) is not None]
        return Fraction(sum(values)) / len(values) if values else None

    return of


def in_utc(oracle: Oracle) -> Oracle:
    """Wrong: as if everybody lived in Greenwich."""
    return lambda books, asked: oracle(books, replace(asked, zone="UTC"))


def of_24_hours(oracle: Oracle) -> Oracle:
    """Wrong: as if no clock was ever changed."""
    return lambda books, asked: oracle(books, replace(asked, flat=True))


def said_twice(oracle: Oracle) -> Oracle:
    """Wrong: what is said again counts again."""
    return lambda books, asked: oracle(books.said_twice, asked)


def never_too_late(oracle: Oracle) -> Oracle:
    """Wrong: what comes far too late counts."""
    return lambda books, asked: oracle(books.never_too_late, asked)
