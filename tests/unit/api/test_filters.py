"""Filters of several values, and all but some members: each against the orders themselves, added up anew."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from kpi.selection import Excluded, Wanted
from kpi.windows import Kind, window_at
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.orders import DAY, NOW, ORDERS, START, declared, kpi, measure, order

Order = dict[str, Any]
Oracle = Callable[[list[Order]], float | int | None]

TEAMS = ["north", "south", "east", "it's", None]
BOTH = ["team", "customer"]
KPIS: dict[str, tuple[dict[str, Any], Oracle]] = {
    "counted": (kpi("counted", {"n": measure("count")}, "n", dimensions=BOTH), len),
    "mean": (
        kpi("mean", {"m": measure("mean", "amount")}, "m", dimensions=BOTH),
        lambda those: sum(one["amount"] for one in those) / len(those) if those else None,
    ),
    "people": (
        kpi("people", {"p": measure("distinct", "customer")}, "p", dimensions=BOTH),
        lambda those: len({one["customer"] for one in those}),
    ),
    "greatest": (
        kpi("greatest", {"g": measure("max", "amount")}, "g", dimensions=BOTH),
        lambda those: max((one["amount"] for one in those), default=None),
    ),
    "last": (
        kpi("last", {"l": measure("last", "amount")}, "l", dimensions=BOTH),
        lambda those: max(those, key=lambda one: one["time"])["amount"] if those else None,
    ),
    "a_person": (
        kpi("a_person", {}, "counted / nullif(people, 0)", uses=["counted", "people"], dimensions=BOTH),
        lambda those: len(those) / len({one["customer"] for one in those}) if those else None,
    ),
    "of_all": (
        kpi(
            "of_all", {"n": measure("count")}, "n / nullif(everyone, 0)", dimensions=BOTH, uses=["everyone"],
            whole=["everyone"],
        ),
        lambda those: len(those) / 400,
    ),
}  # fmt: skip
EVERYONE = kpi("everyone", {"n": measure("count")}, "n", dimensions=[])


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    chance = random.Random(3)
    moments = random.Random(4).sample(range(14 * DAY), 400)
    return [
        order(moment, f"c{chance.randrange(40)}", chance.choice(TEAMS), chance.randrange(1, 100)) for moment in moments
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, orders: list[Order]) -> Iterator[Pipeline]:
    text = declared(ORDERS, EVERYONE, *(document for document, _ in KPIS.values()))
    pipeline = Pipeline(catalogue_of(tmp_path_factory.mktemp("filters"), text), now=NOW)
    for partition in (0, 1):
        pipeline.send("shop.order", *orders[partition::2], partition=partition, flush=False)
    yield pipeline
    pipeline.view.close()


def value_of(made: Pipeline, name: str, where: Mapping[str, Wanted], but: Excluded | None = None) -> float | int | None:
    window = window_at("14d", Kind.rolling, START + 14 * DAY, "UTC")
    with made.answers.reading() as reading:
        (found,) = reading.results.of(made.answers.questions.kpi(name), [window], (), where, but=but)
    value = found.by_dimensions[()].value
    return None if value is None else float(value)


SEVERAL: list[Mapping[str, Wanted]] = [
    {"team": frozenset({"north", "south"})},
    {"team": frozenset({"north", None})},
    {"team": None},
    {"team": frozenset({"it's", "nowhere"})},
    {"team": frozenset({"nowhere"})},
    {"team": frozenset({"north", "east"}), "customer": frozenset({f"c{number}" for number in range(12)})},
    {"team": "south", "customer": frozenset({"c1", "c2", "c3"})},
]


def is_wanted(value: str | None, wanted: Wanted) -> bool:
    return value in wanted if isinstance(wanted, frozenset) else value == wanted


@pytest.mark.parametrize("name", KPIS)
@pytest.mark.parametrize("where", SEVERAL)
def test_several_values_are_merged_where_they_are_read(
    made: Pipeline, orders: list[Order], name: str, where: Mapping[str, Wanted]
) -> None:
    those = [one for one in orders if all(is_wanted(one[dimension], wanted) for dimension, wanted in where.items())]
    assert value_of(made, name, where) == pytest.approx(KPIS[name][1](those))


LEFT_OUT = [
    Excluded(("team",), frozenset()),
    Excluded(("team",), frozenset({("north",), ("it's",)})),
    Excluded(("team",), frozenset({("north",), (None,)})),
    Excluded(("team", "customer"), frozenset({("north", "c1"), (None, "c2"), ("south", "c3")})),
    Excluded(("team",), frozenset({(team,) for team in TEAMS})),
]


@pytest.mark.parametrize("name", KPIS)
@pytest.mark.parametrize("but", LEFT_OUT)
def test_what_is_left_out_is_not_in_what_is_read(made: Pipeline, orders: list[Order], name: str, but: Excluded) -> None:
    those = [one for one in orders if tuple(one[dimension] for dimension in but.by) not in but.members]
    assert value_of(made, name, {}, but) == pytest.approx(KPIS[name][1](those))


def test_one_value_in_a_list_is_that_value(made: Pipeline) -> None:
    for name in KPIS:
        assert value_of(made, name, {"team": frozenset({"north"})}) == value_of(made, name, {"team": "north"})
