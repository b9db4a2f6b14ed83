"""Every aggregate's result is that of a plain computation over the contributions, in whatever batches they come."""

import random
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.aggregates.families import merged, moved
from kpi.aggregates.histogram import RELATIVE_ERROR
from kpi.aggregates.rows import START, schema
from kpi.grains import HOUR, MINUTE, QUARTER
from kpi.measures import Measured
from kpi.reasons import Reason
from tests.property.aggregates import plain
from tests.property.aggregates.declared import LEVELS, OF_ENTITY, OF_STREAM, group, reading
from tests.property.aggregates.events import (
    T0,
    Event,
    batchings,
    events,
    owned_events,
    rows_of,
    signed_events,
    some_examples,
)
from tests.property.aggregates.reader import read

grains = st.sampled_from([MINUTE, QUARTER, HOUR])
hours = st.integers(0, 1)


def result(name: str, some: list[Event], sizes: list[int], grain: int, hour: int) -> Measured:
    """Over one hour, from panes of the grain."""
    of = group(name)
    start = pl.col(START) - pl.col(START) % grain
    rows = merged(moved(rows_of(of, some, sizes), of, start), of).select(list(schema(of)))
    return read(reading(name), of, rows, T0 + hour * HOUR, T0 + (hour + 1) * HOUR)


def expected(name: str, some: list[Event], hour: int) -> tuple[set[plain.Number], int | None]:
    """What the value may be, and the number of events."""
    start, end = T0 + hour * HOUR, T0 + (hour + 1) * HOUR
    inside = plain.window(some, start, end)
    valued = plain.amounts(inside)
    people, before = plain.people(inside), plain.people(plain.window(some, start - HOUR, start))
    answers: dict[str, tuple[set[plain.Number], int | None]] = {
        "count": ({len(inside)}, len(inside)),
        "sum": ({sum(valued)}, len(inside)),
        "mean": ({plain.mean(inside)}, len(valued)),
        "variance": ({plain.variance(inside)}, len(valued)),
        "min": ({min(valued, default=None)}, len(inside)),
        "max": ({max(valued, default=None)}, len(inside)),
        "first": ({*plain.at(inside, min)} or {None}, len(valued)),
        "last": ({*plain.at(inside, max)} or {None}, len(valued)),
        "distinct": ({len(people)}, people.total()),
        "repeaters": ({sum(n > 1 for n in people.values())}, people.total()),
        "overlap": ({len(people.keys() & before.keys())}, people.total()),
        "level": ({plain.level(some, end)}, None),
        "integral": ({plain.integral(some, start, end)}, None),
        "least": ({min(plain.amounts([event for event in some if event.time < end]), default=None)}, None),
    }
    if name == "latest":
        keyed = [event for event in inside if event.person is not None and event.amount is not None]
        return {*plain.latest_sums(keyed)}, len(keyed)
    return answers[name]


def close(value: float | Fraction | None, exact: float | None) -> bool:
    if value is None or exact is None:
        return value is exact
    return abs(value - exact) <= 1e-12 * abs(exact)


def check(measured: Measured, values: set[plain.Number], events: int | None) -> None:
    assert any(close(measured.value, value) for value in values), (measured, values)
    assert measured.events == events
    assert measured.bounds is None
    assert measured.reason is (Reason.no_data if measured.value is None else None)


@pytest.mark.parametrize("name", [name for name in OF_STREAM if name != "quantile"])
@some_examples
@given(some=events, sizes=batchings, window=st.tuples(grains, hours), seed=st.integers())
def test_of_a_stream(name: str, some: list[Event], sizes: list[int], window: tuple[int, int], seed: int) -> None:
    grain, hour = window
    of_some = name.removeprefix("some_")
    counted = some if of_some == name else [event for event in some if (event.amount or 0) > 0]
    shuffled = random.Random(seed).sample(some, len(some))
    found = result(name, shuffled, sizes, grain, hour)
    check(found, *expected(of_some, counted, hour))
    assert found == result(name, some, [100], MINUTE, hour)


@pytest.mark.parametrize("name", [name for name in OF_ENTITY if name != "entity_quantile"])
@some_examples
@given(some=signed_events, sizes=batchings, grain=grains, hour=hours)
def test_of_an_entity(name: str, some: list[Event], sizes: list[int], grain: int, hour: int) -> None:
    counted = [event._replace(person=str(event.amount)) for event in plain.standing(some)]
    check(result(name, some, sizes, grain, hour), *expected(name.removeprefix("entity_"), counted, hour))


@pytest.mark.parametrize("name", LEVELS)
@some_examples
@given(some=signed_events, sizes=batchings, grain=grains, hour=hours)
def test_of_a_level(name: str, some: list[Event], sizes: list[int], grain: int, hour: int) -> None:
    check(result(name, some, sizes, grain, hour), *expected(name, plain.standing(some), hour))


@some_examples
@given(some=owned_events, sizes=batchings, grain=grains, hour=hours)
def test_of_what_is_lost(some: list[Event], sizes: list[int], grain: int, hour: int) -> None:
    start, end = T0 + hour * HOUR, T0 + (hour + 1) * HOUR
    check(result("lost", some, sizes, grain, hour), {plain.lost(plain.standing(some), start, end)}, None)


def near(value: float | Fraction | None, exact: float | None) -> bool:
    """Within the histogram's error, which is less than one per cent."""
    if value is None or exact is None:
        return value is exact
    return abs(value - exact) <= (RELATIVE_ERROR + 1e-9) * abs(exact)


def test_a_bucket_is_less_than_one_per_cent_away() -> None:
    assert RELATIVE_ERROR < 0.01


@some_examples
@given(some=events, sizes=batchings, grain=grains, hour=hours)
def test_quantile_of_a_stream(some: list[Event], sizes: list[int], grain: int, hour: int) -> None:
    inside = plain.window(some, T0 + hour * HOUR, T0 + (hour + 1) * HOUR)
    found = result("quantile", some, sizes, grain, hour)
    assert near(found.value, plain.nearest_rank(inside, Fraction(3, 4)))
    assert found.events == len(plain.amounts(inside))


@some_examples
@given(some=signed_events, sizes=batchings, grain=grains, hour=hours)
def test_quantile_of_an_entity(some: list[Event], sizes: list[int], grain: int, hour: int) -> None:
    inside = plain.window(plain.standing(some), T0 + hour * HOUR, T0 + (hour + 1) * HOUR)
    found = result("entity_quantile", some, sizes, grain, hour)
    assert near(found.value, plain.nearest_rank(inside, Fraction(1, 2)))


def test_events_of_one_moment_are_ordered_by_their_ids_and_not_by_arrival() -> None:
    some = [Event(str(place), T0, "a", place, "x") for place in range(20)]
    for name in ("first", "last", "latest"):
        assert result(name, some, [1], MINUTE, 0) == result(name, some[::-1], [7], HOUR, 0)
    assert result("first", some, [20], MINUTE, 0).value != result("last", some, [20], MINUTE, 0).value
    again = [event._replace(id="other" + event.id) for event in some]
    firsts = {result("first", these, [20], MINUTE, 0).value for these in (some, again)}
    assert firsts != {0}
