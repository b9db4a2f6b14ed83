"""What formulas may name of their window: how much of it has passed, where that ends, how many there are a year."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi.operands import periods_a_year
from kpi.scope import Scope
from kpi.windows import kind_of, window_at
from schemas.kpis import Windows
from schemas.times import parse_time
from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of

WINDOWS = "{rolling: [24h], tumbling: [1h], calendar: [day, week, month]}"
UNITS = "{good: {from: production.unit, aggregate: count, where: good}}"
DECLARED = (
    """
stream: production.unit
partitions: 1
clock: replay
disorder: 0s
lateness: 1h
fields: {good: boolean}
---
reporting: default
zones: [Europe/Berlin]
"""
    + kpi("throughput", UNITS, "good * 3600 / nullif(elapsed, 0)", windows=WINDOWS)
    + kpi("seconds", UNITS, "elapsed", windows=WINDOWS, more="also: {ends: ends_at}")
    + kpi("a_year", UNITS, "good * periods_a_year", windows=WINDOWS)
    + kpi("by_factor", UNITS, "good * factor", windows=WINDOWS, more="parameters: {factor: 3}")
    + kpi(
        "growth",
        "{}",
        "seconds - before",
        windows="{calendar: [week]}",
        more="uses: [seconds]\ncompare: {before: {of: seconds, ago: previous}}\nalso: {whole: seconds, here: elapsed}",
    )
)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    """Five good units and a bad one on the day of 25 hours, and one more hour of the next day."""
    pipeline = Pipeline(catalogue_of(tmp_path, DECLARED))
    times = ("24T22:00", "25T00:30", "25T01:30", "25T12:00", "25T22:30")
    units = [{"time": f"2026-10-{time}:00Z", "good": True} for time in times]
    pipeline.send("production.unit", *units, {"time": "2026-10-25T22:50:00Z", "good": False}, flush=False)
    yield pipeline
    pipeline.view.close()


def test_t4_five_units_on_a_day_of_25_hours(made: Pipeline) -> None:
    at = "2026-10-25T12:00:00Z"
    to_date = made.value("throughput", "day", at)
    assert to_date.value == 5 * 3600 / (24 * 3600 + 50 * 60), "so far: until 23:50 of the longer day"
    made.send("production.unit", {"time": "2026-10-26T00:20:00Z", "good": True})
    assert made.value("throughput", "day", at).value == 0.2
    assert made.value("seconds", "day", at).value == 90_000
    assert made.value("seconds", "day", at).also == {"ends": parse_time("2026-10-25T23:00:00Z") // 1000}
    assert made.value("seconds", "day", "2026-10-26T12:00:00Z").value == 80 * 60
    assert made.value("throughput", "1h", "2026-10-26T00:00:00Z").value == 3


def test_nothing_has_passed_of_a_window_that_has_not_begun(made: Pipeline) -> None:
    value = made.value("throughput", "day", "2026-10-30T12:00:00Z")
    assert (value.value, value.reason) == (None, "no_data")
    assert made.value("seconds", "day", "2026-10-30T12:00:00Z").value == 0


def test_nothing_is_known_before_the_first_event(tmp_path: Path) -> None:
    pipeline = Pipeline(catalogue_of(tmp_path, DECLARED))
    value = pipeline.value("seconds", "day")
    pipeline.view.close()
    assert (value.value, value.reason) == (None, "no_data")


def test_what_is_compared_to_date_has_passed_as_much(made: Pipeline) -> None:
    value = made.value("growth", "week", "2026-10-25T12:00:00Z")
    passed = 7 * 86_400 + 50 * 60
    assert (value.value, value.also) == (50 * 60, {"whole": passed, "here": passed}), "no more than the week before had"
    made.send("production.unit", {"time": "2026-10-28T12:00:30Z", "good": True})
    assert made.value("growth", "week", "2026-10-28T12:00:00Z").value == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("day", 365),
        ("week", 365 / 7),
        ("month", 12),
        ("quarter", 4),
        ("year", 1),
        ("24h", 365),
        ("5m", 105_120),
        ("1h", 8760),
    ],
)  # fmt: skip
def test_how_many_windows_a_year_has(name: str, expected: float) -> None:
    declared = Windows(rolling=("24h", "5m"))
    for day in ("2026-10-25", "2028-02-10"):
        window = window_at(name, kind_of(name, declared), parse_time(f"{day}T12:00:00Z"), "Europe/Berlin")
        assert periods_a_year(window) == expected


def test_what_is_set_does_not_grow_with_the_window_and_a_rate_does_not_either(made: Pipeline) -> None:
    catalogue = made.answers.catalogue
    scope = Scope(catalogue, made.plan)
    grown = {name: scope.grows(catalogue.kpis[name]) for name in ("throughput", "a_year", "by_factor")}
    assert grown == {"throughput": False, "a_year": True, "by_factor": True}
    assert made.value("a_year", "month", "2026-10-25T12:00:00Z").value == 60
