"""Levels over a window: the time that they were held for, exactly."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.answers import Value
from schemas.times import parse_time
from tests.pipeline import Pipeline, catalogue_of

DAY = 86_400_000
START = parse_time("2026-03-02T00:00:00Z")

STOCK = """
stream: stock.reading
key: item
partitions: 1
clock: replay
disorder: 0s
lateness: 20d
fields: {item: string, cost: int64}
---
entity: stock
of: {stock.reading: item}
forget_after: never
states:
  held: {latest: cost is not null, carrying: [item, cost]}
contributions:
  at_cost: {level: held, value: held_cost, dimensions: {item: held_item}}
  known: {level: held, dimensions: {item: held_item}}
---
kpi: average_stock
title: Average stock
sentence: What the goods in stock had cost, on average over the time that it is known for.
department: sales
unit: points
direction: down
kind: lagging
owner: head of sales
measures:
  held: {from: stock.at_cost, aggregate: integral}
  known: {from: stock.known, aggregate: integral}
  at_the_end: {from: stock.at_cost, aggregate: level}
  at_the_start: {from: stock.at_cost, aggregate: level, window: previous}
formula: held / nullif(known, 0)
also: {known: known, at_the_end: at_the_end, at_the_start: at_the_start}
dimensions: [item]
windows: {rolling: [10d, 5d, 90m]}
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, STOCK))
    yield pipeline
    pipeline.view.close()


def read(made: Pipeline, day: float, cost: int, item: str = "a") -> None:
    made.send("stock.reading", {"time": START + round(day * DAY), "item": item, "cost": cost})


def average(made: Pipeline, window: str, end: float, item: str = "a") -> Value:
    return made.value("average_stock", window, str(START + round(end * DAY)), item=item)


def test_t12_average_over_the_time(made: Pipeline) -> None:
    for day, cost in ((-2, 1000), (4, 500), (9, 2000)):
        read(made, day, cost)
    read(made, 11, 0, "z")
    ten = average(made, "10d", 10)
    assert (ten.value, ten.events) == (850, None)
    assert ten.also == {"known": 10 * DAY, "at_the_end": 2000, "at_the_start": 1000}
    assert average(made, "5d", 5).value == 900
    read(made, 6, 700)
    late = average(made, "10d", 10)
    assert (late.value, late.revision) == (910, ten.revision + 1)
    assert average(made, "5d", 5).revision == 1, "what was in stock by then is as it was"
    assert average(made, "90m", 10.5).revision == 1, "and so is it since day 9"
    assert average(made, "5d", 9).revision == 2
    read(made, 4, 500, "b")
    read(made, 9, 2000, "b")
    first = average(made, "10d", 10, "b")
    assert (first.value, first.also["known"]) == (750, 6 * DAY)


def test_open_interval_ends_with_the_last_whole_minute_of_the_watermark(made: Pipeline) -> None:
    read(made, 0, 100)
    read(made, 1, 300)
    made.send("stock.reading", {"time": START + DAY + 90_000, "item": "z", "cost": 1})
    found = average(made, "5d", 1.5)
    assert found.also["known"] == DAY + 60_000
    assert found.value == pytest.approx((100 * DAY + 300 * 60_000) / (DAY + 60_000))
    assert average(made, "90m", 3).reason == "no_data", "nothing is known of a window that has not begun"


def test_span_within_one_grain_and_over_several(made: Pipeline) -> None:
    changes = [(0.0, 7), (0.01, 11), (0.03, 2), (0.4, 90), (1.5, 3), (1.52, 8)]
    for day, cost in changes:
        read(made, day, cost)
    read(made, 1.95, 0, "z")

    def held(start: int, end: int) -> int:
        moments = [(round(day * DAY), cost) for day, cost in changes] + [(end, 0)]
        return sum(
            cost * max(min(following, end) - max(since, start), 0)
            for (since, cost), (following, _) in itertools.pairwise(moments)
        )

    # Minutes are kept for two days: what begins before begins on a quarter of an hour.
    for window, length, step in (("90m", 90, 137), ("5d", 7200, 135), ("10d", 14_400, 135)):
        for place in range(1, 20):
            end = place * step * 60_000
            found = average(made, window, end / DAY)
            start = max(end - length * 60_000, 0)
            wanted = held(start, end) / (end - start)
            assert found.value == pytest.approx(wanted, rel=1e-12), (window, place)
