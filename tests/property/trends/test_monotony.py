"""Slopes and their significance against what all orders of the same values give, one by one."""

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.trends.significance import EXACT_UP_TO, mann_kendall
from kpi.trends.slope import theil_sen

TIED = st.lists(st.integers(0, 3), min_size=1, max_size=7)
SERIES = st.dictionaries(st.integers(-500, 500), st.integers(-20, 20), min_size=2, max_size=15)


def score(values: Sequence[float]) -> int:
    """Pairs that rise less those that fall."""
    of = range(len(values))
    return sum(int(math.copysign(1, values[j] - values[i])) for j in of for i in of[:j] if values[i] != values[j])


@settings(max_examples=60, deadline=None)
@given(TIED)
def test_p_is_the_share_of_orders_that_are_as_steep(values: list[int]) -> None:
    scores = [abs(score(order)) for order in permutations(values)]
    share = Fraction(sum(each >= abs(score(values)) for each in scores), len(scores))
    found = mann_kendall(values)
    assert (found.score, found.p) == (score(values), float(share))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40))
def test_tau_is_that_of_values_and_places(values: list[int]) -> None:
    pairs = len(values) * (len(values) - 1) / 2
    alike = sum(many * (many - 1) / 2 for many in Counter(values).values())
    found = mann_kendall(values)
    if pairs == alike:
        assert (found.score, found.tau, found.p) == (0, None, 1)
    else:
        assert found.tau == pytest.approx(score(values) / math.sqrt(pairs * (pairs - alike)))


@given(st.lists(st.integers(0, 9), max_size=70))
def test_both_ways_alike(values: list[int]) -> None:
    one, other = mann_kendall(values), mann_kendall(values[::-1])
    assert (one.score, one.p) == (-other.score, other.p)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(EXACT_UP_TO)))
def test_the_normal_curve_is_near_where_it_begins(values: list[int]) -> None:
    assert mann_kendall(values, exact_up_to=0).p == pytest.approx(mann_kendall(values).p, abs=0.002)


@pytest.mark.parametrize(
    ("values", "score", "variance"),
    [
        # Var = n(n-1)(2n+5)/18 = 10 * 9 * 25 / 18
        ([*range(10)], 45, 125),
        # less 4 * 3 * 13 / 18 for four alike and 2 * 1 * 9 / 18 for two
        ([1, 1, 1, 1, 2, 2, 3, 4, 5, 6], 38, 125 - 156 / 18 - 1),
    ],
    ids=["all unlike", "with ties"],
)
def test_by_the_normal_curve(values: list[int], score: int, variance: float) -> None:
    found = mann_kendall(values, exact_up_to=9)
    assert found.score == score
    assert found.p == pytest.approx(math.erfc((score - 1) / math.sqrt(variance) / math.sqrt(2)), rel=1e-9)


@given(SERIES)
def test_as_many_pairs_are_steeper_as_are_less_steep(series: dict[int, int]) -> None:
    moments, values = list(series), list(series.values())
    found = theil_sen(moments, values)
    assert found is not None
    rests = [value - found * moment for moment, value in series.items()]
    of = range(len(rests))
    off = [(rests[j] - rests[i]) / (moments[j] - moments[i]) for i in of for j in of[i + 1 :]]
    above, below = sum(each > 1e-9 for each in off), sum(each < -1e-9 for each in off)
    assert max(above, below) <= len(off) / 2


@given(SERIES, st.integers(-9, 9), st.integers(-99, 99))
def test_what_is_added_to_all_slopes(series: dict[int, int], slope: int, start: int) -> None:
    plain = theil_sen(list(series), list(series.values()))
    steeper = theil_sen(list(series), [value + slope * moment + start for moment, value in series.items()])
    assert plain is not None
    assert steeper == pytest.approx(plain + slope)


def test_wild_values_move_nothing() -> None:
    assert theil_sen(range(10), [0, 2, 4, 999, 8, 10, -999, 14, 16, 18]) == 2


def test_no_slope() -> None:
    assert theil_sen([], []) is None
    assert theil_sen([1], [5]) is None
    with pytest.raises(ValueError, match="give each moment once"):
        theil_sen([1, 2, 1], [5, 6, 7])
