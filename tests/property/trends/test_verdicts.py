"""Which windows a trend is drawn through, and what it is called."""

import pytest

from kpi.trends.points import Point, usable
from kpi.trends.verdict import Trend, Verdict, trend_of

HOUR = 3_600_000


def points(*values: float | None, every: int = HOUR) -> list[Point]:
    return [Point(place * every, value, closed=True) for place, value in enumerate(values)]


def test_what_runs_and_what_has_no_value_is_left_out() -> None:
    told = [
        Point(3, 1.0, closed=True),
        Point(2, None, closed=True),
        Point(1, 2.0, closed=True),
        Point(4, 9, closed=False),
    ]
    assert usable(told) == [(1, 2.0), (3, 1.0)]


def test_a_gap_is_as_long_as_it_was() -> None:
    assert trend_of(points(0, 1, None, None, None, 5, 6), "up") == Trend(Verdict.flat, 1, 1, 2 / 24)


def test_two_of_one_moment_are_refused() -> None:
    with pytest.raises(ValueError, match="each window once"):
        usable([Point(1, 2.0, closed=True), Point(1, 3.0, closed=True)])


def test_steep_but_neither_good_nor_bad() -> None:
    found = trend_of(points(1, 2, 3, 4, 5, 6), "none")
    assert found is not None
    assert (found.verdict, found.slope_per_hour) == (None, 1)
    still = trend_of(points(1, 2, 3, 2, 1), "none")
    assert still is not None
    assert still.verdict == Verdict.flat


def test_mostly_alike_is_flat_however_unlikely() -> None:
    found = trend_of(points(*[0] * 14, *[1] * 4), "up")
    assert found is not None
    assert found.p < 0.05
    assert (found.verdict, found.slope_per_hour) == (Verdict.flat, 0)


def test_significance_is_a_bound_that_is_not_reached() -> None:
    rising = points(1, 2, 3, 4, 5)
    strict, loose = trend_of(rising, "up", significance=2 / 120), trend_of(rising, "up")
    assert strict is not None
    assert loose is not None
    assert (strict.verdict, loose.verdict) == (Verdict.flat, Verdict.better)


def test_one_value_has_no_trend() -> None:
    assert trend_of(points(1, None), "up") is None
