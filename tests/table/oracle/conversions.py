"""Money of several currencies as it is easily got wrong."""

import datetime
from collections.abc import Callable
from functools import cache

from tests.table.oracle.facts import Books, Fact, Facts, Number
from tests.table.oracle.rates import EUROS, day_of, in_euros, in_force, rates


def _each(facts: Facts, worth: Callable[[Books, Fact], Number]) -> Facts:
    return lambda books: [fact._replace(value=worth(books, fact), currency=EUROS) for fact in facts(books)]


@cache
def as_if_all_were_euros(facts: Facts) -> Facts:
    """Wrong: minor units added up, whatever they are of."""
    return _each(facts, lambda _, fact: fact.value)


@cache
def rounded_one_by_one(facts: Facts) -> Facts:
    """Wrong: rounded before they are added up."""
    return lambda books: [fact._replace(value=round(fact.value)) for fact in books.facts(facts)]


@cache
def by_the_day_before(facts: Facts) -> Facts:
    """Wrong: by the rate of the day before."""

    def worth(books: Books, fact: Fact) -> Number:
        day = day_of(fact.at) - datetime.timedelta(days=1)
        return in_euros(fact.value, fact.currency, in_force(rates(books.of("fx.rate")), fact.currency, day, 14))

    return _each(facts, worth)


@cache
def by_the_first_that_was_said(facts: Facts) -> Facts:
    """Wrong: what is corrected later is not heard."""

    def worth(books: Books, fact: Fact) -> Number:
        known = rates(reversed(books.of("fx.rate")))
        return in_euros(fact.value, fact.currency, in_force(known, fact.currency, day_of(fact.at)))

    return _each(facts, worth)
