"""The worked examples of all shipped KPIs: what they say is what the service answers."""

from functools import cache

import pytest

from schemas.kpis import Aggregate, Catalogue
from services.runtime.catalogue import load
from tests.examples.pending import PENDING_EXAMPLES
from tests.examples.running import answer, parts_for
from tests.table.contract import contract

ROUNDED_FROM = 3
"""Digits after the point with which an expected value is taken as rounded."""
SHARE_OF_ORDER = 0.01
"""How far a quantile may be from the nearest rank."""


@cache
def shipped() -> Catalogue:
    return load([])


NAMES = sorted(name for name, kpi in shipped().kpis.items() if kpi.example is not None)


def test_what_has_no_example_is_known_and_nothing_else_is_pending() -> None:
    without = {name for name, kpi in shipped().kpis.items() if kpi.example is None}

    assert without <= PENDING_EXAMPLES, "these KPIs need an `example`, as sales_calls_made has one"
    assert PENDING_EXAMPLES.isdisjoint(NAMES), "these have an example now: take them out of tests/examples/pending.py"
    assert contract().keys() >= PENDING_EXAMPLES


@pytest.mark.parametrize("name", NAMES)
def test_the_service_answers_what_the_example_says(name: str) -> None:
    catalogue = parts_for(shipped(), name)
    example = catalogue.kpis[name].example
    assert example is not None

    value = answer(catalogue, name)

    assert value.reason is None, f"no value: {value.reason}"
    assert value.value == as_written(example.value, by_sketch=_by_sketch(catalogue, name))
    told = {other: value.also.get(other) for other in example.also}
    assert told == {other: as_written(each, by_sketch=True) for other, each in example.also.items()}


def as_written(expected: float, *, by_sketch: bool) -> object:
    """Exactly that, or what is rounded to it; of a quantile, what is near enough."""
    digits = len(repr(expected).partition(".")[2])
    rounded = 0.5 * 10**-digits if digits >= ROUNDED_FROM else 0
    return pytest.approx(expected, rel=SHARE_OF_ORDER if by_sketch else 1e-9, abs=rounded)


def _by_sketch(catalogue: Catalogue, name: str) -> bool:
    return any(one.aggregate is Aggregate.quantile for one in catalogue.kpis[name].measures.values())
