"""Counts per key: two periods, samples with their bounds; and dimension values that are folded."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpi.panes.hashes import text_hashes
from schemas.answers import Value
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.orders import DAY, NOW, ORDERS, START, declared, kpi, measure, order

Made = Callable[..., Pipeline]
CUSTOMERS = measure("distinct", "customer")
KEYS = [
    kpi("active_customers", {"them": CUSTOMERS}, "them"),
    kpi(
        "repurchase_rate",
        {"again": measure("overlap", "customer"), "before": {**CUSTOMERS, "window": "previous"}},
        "again / nullif(before, 0)",
    ),
    kpi(
        "repeat_purchase_rate",
        {"twice": measure("repeaters", "customer"), "all_of_them": CUSTOMERS},
        "twice / nullif(all_of_them, 0)",
    ),
    kpi("orders", {"them": measure("count")}, "them"),
    kpi("orders_a_customer", {}, "orders / nullif(active_customers, 0)", uses=["orders", "active_customers"]),
    kpi("growth", {"now": measure("count"), "before": measure("count", window="previous")}, "now - before"),
]
WEEK = 7 * DAY


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Made]:
    """Makes the pipeline of some documents."""
    made: list[Pipeline] = []

    def make(*documents: dict[str, Any], **reporting: Any) -> Pipeline:
        text = declared(ORDERS, *KEYS, *documents, {"reporting": "default", **reporting})
        made.append(Pipeline(catalogue_of(tmp_path, text), NOW))
        return made[-1]

    yield make
    for each in made:
        each.view.close()


def test_t7_periods_are_compared_by_their_customers(pipeline: Made) -> None:
    made = pipeline()

    def week(name: str, number: int) -> Value:
        return made.value(name, "week", str(START + number * WEEK + DAY))

    def both(name: str) -> Value:
        return made.value(name, "14d", str(START + 2 * WEEK))

    for place, customer in enumerate("aabcd"):
        made.send("shop.order", order(place * DAY, customer), partition=place % 2)
    for place, customer in enumerate("bce"):
        made.send("shop.order", order(WEEK + place * DAY, customer), partition=place % 2)
    assert [week("active_customers", number).value for number in (0, 1)] == [4, 3]
    assert both("active_customers").value == 5
    assert week("repurchase_rate", 1).value == 0.5
    assert (week("repurchase_rate", 0).value, week("repurchase_rate", 0).reason) == (None, "division_by_zero")
    assert [week("repeat_purchase_rate", number).value for number in (0, 1)] == [0.25, 0]
    assert both("repeat_purchase_rate").value == 0.6
    assert (week("growth", 1).value, week("growth", 1).events) == (-2, 3), "the week before is not of its events"
    for partition in (0, 1):
        made.send("shop.order", order(2 * WEEK, "z"), partition=partition)
    before = week("repurchase_rate", 1)
    made.send("shop.order", order(WEEK + DAY, "d"))
    after = week("repurchase_rate", 1)
    assert (after.value, after.revision - before.revision) == (0.75, 1)
    assert (week("active_customers", 1).value, both("active_customers").value) == (4, 5)
    assert both("repeat_purchase_rate").value == 0.8
    # What comes late for the week before changes the rate as well.
    made.send("shop.order", order(DAY, "e"))
    assert (week("repurchase_rate", 1).value, week("repurchase_rate", 1).revision) == (0.8, after.revision + 1)


def in_sample(customers: int, depth: int) -> int:
    hashes = text_hashes(pl.Series([f"c{number}" for number in range(customers)]))
    return sum(each < 1 << 64 - depth for each in hashes)


def test_too_many_keys_are_estimated_with_bounds(pipeline: Made) -> None:
    made = pipeline(most_keys=64)
    for partition in (0, 1):
        # All customers in the first week, every second one in the next, twice.
        here = range(partition, 4000, 2)
        made.send("shop.order", *(order(0, f"c{number}") for number in here), partition=partition, flush=False)
        events = [order(WEEK + twice, f"c{number}") for number in here if number % 4 < 2 for twice in (0, DAY)]
        made.send("shop.order", *events, partition=partition, flush=False)

    def week(name: str, number: int) -> Value:
        return made.value(name, "week", str(START + number * WEEK + DAY))

    first = week("active_customers", 0)
    depths = [depth for depth in range(1, 64) if in_sample(4000, depth) << depth == first.value]
    assert depths, "a power of two for each of a sample"
    assert first.bounds is not None
    assert first.bounds.low < 4000 < first.bounds.high < 8000
    for name, number, truth in (
        ("active_customers", 1, 2000),
        ("repurchase_rate", 1, 0.5),
        ("repeat_purchase_rate", 1, 1),
        ("orders_a_customer", 1, 2),
    ):
        value = week(name, number)
        assert value.value == pytest.approx(truth, rel=0.5), name
        assert value.bounds is not None, name
        assert value.bounds.low <= truth <= value.bounds.high, name
    assert (week("orders", 0).value, week("orders", 0).bounds) == (4000, None)
    nobody = made.value("active_customers", "week", str(START + DAY), team="nobody")
    assert nobody.value == 0
    assert nobody.bounds is not None
    assert nobody.bounds.high > 0, "somebody may be there who is not in the sample"


def test_task_with_few_keys_is_sampled_like_the_others(pipeline: Made) -> None:
    made = pipeline(most_keys=64)
    made.send("shop.order", *(order(0, f"c{number}") for number in range(2000)), flush=False)
    made.send("shop.order", *(order(0, f"d{number}") for number in range(60)), partition=1, flush=False)
    value = made.value("active_customers", "week", str(START + DAY))
    assert value.bounds is not None
    assert value.bounds.low <= 2060 <= value.bounds.high


def test_few_keys_are_exact(pipeline: Made) -> None:
    made = pipeline(most_keys=64)
    made.send("shop.order", *(order(place, f"c{place}") for place in range(60)), flush=False)
    value = made.value("active_customers", "week", str(START + DAY))
    assert (value.value, value.bounds) == (60, None)


def test_folded_values_are_answered_as_others_or_not_at_all(pipeline: Made) -> None:
    made = pipeline(most_groups=16)
    teams = [f"team{number}" for number in range(100)]
    # One task sees few teams, and folds none of them by itself.
    made.send("shop.order", *(order(0, f"c{place}", name) for place, name in enumerate(teams)), flush=False)
    made.send("shop.order", *(order(1, "d", name) for name in teams[:10]), order(2, "e"), partition=1, flush=False)
    at = str(START + DAY)
    for name, whole in (("orders", 111), ("active_customers", 102), ("repeat_purchase_rate", 1 / 102)):
        found = {value.dimensions["team"]: value for value in made.values(name, "week", at, by=("team",))}
        assert len(found) <= 18, "at most 16, the others, and none"
        assert made.value(name, "week", at).value == whole
        kept = found.keys() - {"__other__", None}
        assert 0 < len(kept) < 16
        for team in teams:
            value = made.value(name, "week", at, team=team)
            if team in kept:
                assert (value.value, value.reason) == (found[team].value, None)
            else:
                assert (value.value, value.reason) == (None, "folded")
        assert made.value(name, "week", at, team="__other__").value == found["__other__"].value
        if name == "orders":
            assert sum(value.value or 0 for value in found.values()) == 111
            assert all(found[team].value == 1 + (team in teams[:10]) for team in kept if team)
        if name == "active_customers":
            others = len(teams) - len(kept) + any(team not in kept for team in teams[:10])
            assert found["__other__"].value == others, "one who bought from several of them is one"
