"""T15: seven days on which answers take longer each day, and a day that has just begun.

The values are the product's own; the trend is computed from them, and stands in no answer yet.
"""

from collections.abc import Sequence

import pytest

from kpi.targets import Direction
from kpi.trends.behaviour import limits_of, signals_of, unfavourable
from kpi.trends.points import Point, usable
from kpi.trends.verdict import Trend, Verdict, trend_of
from schemas.times import parse_time
from tests.cases.declared import Made, kpi, quiet

SLOWER = (300, 320, 340, 360, 380, 400, 420)
DECLARED = """
stream: support.answer
key: ticket_id
partitions: 1
clock: replay
disorder: 0s
lateness: 1h
fields: {ticket_id: string, seconds: int64}
""" + kpi(
    "average_response_time",
    "{them: {from: support.answer, aggregate: mean, value: seconds}}",
    "them",
    unit="seconds",
)


@pytest.fixture
def told(pipeline: Made) -> list[Point]:
    """What the product says of the seven days, and of the eighth at 10:00."""
    made = pipeline(DECLARED)
    times = [f"2026-03-{day:02}T{hour}:00:00Z" for day in range(2, 9) for hour in ("08", "16")]
    each = [seconds + off for seconds in SLOWER for off in (-5, 5)]
    events = [*zip(times, each, strict=True), ("2026-03-09T09:00:00Z", 200)]
    made.send("support.answer", *({"time": time, "ticket_id": time, "seconds": value} for time, value in events))
    quiet(made, "support.answer/0", "2026-03-09T10:00:00Z")
    found = [made.value("average_response_time", "day", f"2026-03-{day:02}T00:00:00Z") for day in range(2, 10)]
    return [
        Point(
            parse_time(each.window.start),
            each.value,
            each.watermark is not None and each.watermark >= each.window.end,
        )
        for each in found
    ]


def trend(values: Sequence[float], direction: Direction) -> Trend:
    found = trend_of([Point(day * 86_400_000, value, True) for day, value in enumerate(values)], direction)
    assert found is not None
    return found


def test_t15_worse(told: list[Point]) -> None:
    assert [point.value for point in told] == [*SLOWER, 200]
    found = trend_of(told, "down")
    assert found is not None
    assert found.verdict == Verdict.worse
    assert found.slope_per_hour == pytest.approx(20 / 24, rel=1e-12)
    assert found.tau == 1
    assert found.p == 2 / 5040, "neither 0.00161 nor 0.00267, as by the normal curve"


def test_t15_today_would_hide_it(told: list[Point]) -> None:
    with_today = [Point(point.start, point.value, closed=True) for point in told]
    found = trend_of(with_today, "down")
    assert found is not None
    assert (round(found.p, 3), found.verdict) == (0.109, Verdict.flat)


@pytest.mark.parametrize(
    ("values", "direction", "verdict"),
    [
        (SLOWER, "down", Verdict.worse),
        (SLOWER, "up", Verdict.better),
        (SLOWER[::-1], "down", Verdict.better),
        (SLOWER[::-1], "up", Verdict.worse),
    ],
)
def test_t15_as_throughput_and_reversed(values: Sequence[float], direction: Direction, verdict: Verdict) -> None:
    assert trend(values, direction).verdict == verdict


def test_t15_flat() -> None:
    found = trend([5] * 7, "down")
    assert (found.verdict, found.slope_per_hour, found.tau, found.p) == (Verdict.flat, 0, None, 1)


def test_t15_limits(told: list[Point]) -> None:
    values = [value for _, value in usable(told)]
    limits = limits_of(values)
    assert limits is not None
    assert (round(limits.low, 1), limits.mean, round(limits.high, 1)) == (306.8, 360, 413.2)
    signals = signals_of(values, limits)
    assert [(signal.rule, values[signal.place]) for signal in signals] == [("beyond", 300), ("beyond", 420)]
    assert [values[signal.place] for signal in unfavourable(signals, "down")] == [420]
    assert [values[signal.place] for signal in unfavourable(signals, "up")] == [300]
