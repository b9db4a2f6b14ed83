"""Sums are exact or refused; they never wrap around."""

import dataclasses

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpi.aggregates.families import merged, moved
from kpi.aggregates.rows import SAFE_SUM, START, SumOverflow
from kpi.grains import DAY
from kpi.plan import Part
from tests.property.aggregates.declared import group
from tests.property.aggregates.events import T0, Event, reduced, some_examples

large = st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5)), min_size=1, max_size=12)


def some(values: list[int]) -> list[Event]:
    return [Event(str(place), T0 + 59_999, "a", value, "x") for place, value in enumerate(values)]


@some_examples
@given(large)
@example([SAFE_SUM] * 4)
def test_a_sum(values: list[int]) -> None:
    whole = group("entity_sum")
    of = dataclasses.replace(whole, columns=tuple(c for c in whole.columns if c.part is Part.value))
    name = next(column.name for column in of.columns if column.value)
    total = sum(values)
    if abs(total) > SAFE_SUM:
        with pytest.raises(SumOverflow):
            reduced(of, some(values))
    else:
        assert reduced(of, some(values))[name].to_list() == [total]


@some_examples
@given(st.lists(st.integers(-SAFE_SUM, SAFE_SUM), min_size=1, max_size=12))
@example([SAFE_SUM] * 4)
def test_a_merge(values: list[int]) -> None:
    of = group("level")
    rows = pl.concat(
        pl.DataFrame({START: [T0], "team": ["a"], "s0": [value], "s1": [1]}, schema_overrides={"s0": pl.Int64})
        for value in values
    )
    if abs(sum(values)) > SAFE_SUM:
        with pytest.raises(SumOverflow):
            merged(rows, of)
    else:
        assert merged(rows, of)["s0"].to_list() == [sum(values)]


@some_examples
@given(st.integers(-SAFE_SUM, SAFE_SUM))
def test_a_level_counted_from_an_earlier_start(change: int) -> None:
    of = group("level")
    rows = pl.DataFrame({START: [T0 + DAY - 60_000], "team": ["a"], "s0": [change], "s1": [0]})
    exact = change * (DAY - 60_000)
    if abs(exact) > SAFE_SUM:
        with pytest.raises(SumOverflow):
            moved(rows, of, pl.lit(T0))
    else:
        assert moved(rows, of, pl.lit(T0))["s1"].to_list() == [exact]


@some_examples
@given(large)
@example([2**60])
def test_a_level(values: list[int]) -> None:
    total = sum(values)
    try:
        rows = reduced(group("integral"), some(values))
    except SumOverflow:
        assert abs(total * 59_999) > SAFE_SUM
    else:
        assert rows.select("s0", "s1").rows() == ([(total, total * 59_999)] if total else [])


def test_a_billion_squares_fit_one_row() -> None:
    of = group("entity_variance")
    row = reduced(of, some([2**30 - 1] * 3))
    names = {column.part: column.name for column in of.columns if column.value}
    for _ in range(30):
        row = merged(pl.concat([row, row]), of)
    exact = 3 * (2**30 - 1) ** 2 * 2**30
    assert row[names[Part.square_high]][0] * 2**32 + row[names[Part.square_low]][0] == exact
