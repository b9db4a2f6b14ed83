"""Limits and run rules against windows of values that are looked through one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.trends.behaviour import Limits, Rule, Rules, Signal, limits_of, signals_of, unfavourable

VALUES = st.lists(st.integers(-4, 4), max_size=30)
AROUND = Limits(-3, 0, 3)
RULES = st.builds(
    Rules, near=st.integers(1, 4), near_of=st.integers(4, 6), near_at=st.sampled_from([1.5, 2]), run=st.integers(2, 9)
)


@given(VALUES, RULES)
def test_signals_are_those_of_each_stretch(values: list[int], rules: Rules) -> None:
    expected = set()
    for end in range(1, len(values) + 1):
        told, place = values[:end], end - 1
        if told[-1] > 3:
            expected.add(Signal(Rule.beyond, "above", place))
        if told[-1] < -3:
            expected.add(Signal(Rule.beyond, "below", place))
        for side, upright in (("above", told), ("below", [-value for value in told])):
            high = [value for value in upright[-rules.near_of :] if value > rules.near_at]
            if len(high) >= rules.near and upright[-1] > rules.near_at:
                expected.add(Signal(Rule.near, "above" if side == "above" else "below", place))
            on = 0
            while on < end and upright[place - on] > 0:
                on += 1
            if on >= rules.run:
                expected.add(Signal(Rule.run, "above" if side == "above" else "below", place))
    found = signals_of(values, AROUND, rules)
    assert (set(found), len(found)) == (expected, len(expected))
    assert [signal.place for signal in found] == sorted(signal.place for signal in found)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([0, 3, -3, 0], []),
        ([0, 3.1, 0], [("beyond", "above", 1)]),
        ([2.1, 0, 2.1, 2.1, -1], [("near", "above", 3)]),
        ([2.1, 0, -2.1, 2.1, -2.1], []),
        ([2.0, 2.0, 2.0], []),
        ([-1] * 7 + [0] + [-1] * 7, []),
        ([-1] * 9, [("run", "below", 7), ("run", "below", 8)]),
    ],
    ids=["on the limits", "beyond", "three of four", "on both sides", "at two sigma", "seven", "eight and one"],
)
def test_rules_as_they_are_by_default(values: list[float], found: list[tuple[str, str, int]]) -> None:
    signals = signals_of(values, AROUND)
    assert [(signal.rule, signal.side, signal.place) for signal in signals] == found


def test_a_row_of_seven_where_that_is_declared() -> None:
    assert signals_of([-1] * 7, AROUND, Rules(run=7)) == (Signal(Rule.run, "below", 6),)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.floats(-1e3, 1e3))
def test_limits_move_with_the_values(values: list[float], more: float) -> None:
    one, other = limits_of(values), limits_of([value + more for value in values])
    assert one is not None
    assert other is not None
    assert (other.low, other.mean, other.high) == pytest.approx(
        (one.low + more, one.mean + more, one.high + more), abs=1e-6
    )
    assert 3 * one.sigma == pytest.approx(one.mean - one.low, abs=1e-6)


def test_no_limits_of_a_single_value() -> None:
    assert limits_of([5]) is None
    assert limits_of([5, 5]) == Limits(5, 5, 5)


def test_what_is_good_either_way_is_no_alarm() -> None:
    signals = signals_of([4, -4], AROUND)
    assert [signal.place for signal in unfavourable(signals, "down")] == [0]
    assert [signal.place for signal in unfavourable(signals, "up")] == [1]
    assert unfavourable(signals, "none") == ()
