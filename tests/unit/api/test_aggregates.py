"""Every aggregate, served from the view, against the same in plain Python over the events themselves."""

import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.wire import Rows, UnknownEncoding
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.orders import DAY, NOW, ORDERS, START, declared, kpi, measure, order


@dataclass(frozen=True)
class Order:
    """One event."""

    time: int
    customer: str
    team: str | None
    amount: int

    @property
    def event(self) -> dict[str, Any]:
        """As it is sent."""
        return {"time": self.time, "customer": self.customer, "team": self.team, "amount": self.amount}


Orders = list[Order]
Plain = Callable[[Orders, Orders], float | None]


def counts(orders: Orders) -> Counter[str]:
    return Counter(order.customer for order in orders)


def last_of_each(orders: Orders) -> int:
    latest = {order.customer: order.amount for order in sorted(orders, key=lambda order: order.time)}
    return sum(latest.values())


def ordered(orders: Orders) -> Orders:
    return sorted(orders, key=lambda order: order.time)


OF_AMOUNT = {"value": "amount"}
OF_CUSTOMER = {"value": "customer"}
PLAIN: dict[str, tuple[dict[str, Any], Plain]] = {
    "variance": (OF_AMOUNT, lambda now, _: statistics.pvariance([o.amount for o in now]) if now else None),
    "min": (OF_AMOUNT, lambda now, _: min((o.amount for o in now), default=None)),
    "max": (OF_AMOUNT, lambda now, _: max((o.amount for o in now), default=None)),
    "first": (OF_AMOUNT, lambda now, _: ordered(now)[0].amount if now else None),
    "last": (OF_AMOUNT, lambda now, _: ordered(now)[-1].amount if now else None),
    "latest": ({**OF_AMOUNT, "key": "customer"}, lambda now, _: last_of_each(now)),
    "distinct": (OF_CUSTOMER, lambda now, _: len(counts(now))),
    "repeaters": (OF_CUSTOMER, lambda now, _: sum(count > 1 for count in counts(now).values())),
    "overlap": (OF_CUSTOMER, lambda now, before: len(counts(now).keys() & counts(before).keys())),
}
KPIS = [kpi(name, {"it": {"from": "shop.order", "aggregate": name, **more}}, "it") for name, (more, _) in PLAIN.items()]


def random_orders(count: int) -> Orders:
    """Orders of nine days, in no order, no two at one time."""
    chance = random.Random(7)
    times = chance.sample(range(START, START + 9 * DAY, 1000), count)
    customers, teams = [f"c{number}" for number in range(25)], ["north", "south", None]
    return [Order(t, chance.choice(customers), chance.choice(teams), chance.randint(-500, 10**10)) for t in times]


@pytest.fixture(scope="module")
def orders() -> Orders:
    return random_orders(300)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, orders: Orders) -> Iterator[Pipeline]:
    """All aggregates over the orders, which came through two partitions and in many flushes."""
    made = Pipeline(catalogue_of(tmp_path_factory.mktemp("declared"), declared(ORDERS, *KPIS)), NOW)
    for part in range(5):
        for partition in (0, 1):
            events = [order.event for order in orders[part::5][partition::2]]
            made.send("shop.order", *events, partition=partition, flush=False)
    yield made
    made.view.close()


def inside(orders: Orders, start: int, end: int) -> Orders:
    return [order for order in orders if start <= order.time < end]


SPANS = [
    ("day", START + 4 * DAY, DAY),
    ("week", START + 7 * DAY, 7 * DAY),
    *(("3h", START + 4 * DAY + place * DAY // 8, DAY // 8) for place in range(4)),
]


@pytest.mark.parametrize("span", SPANS, ids=lambda span: span[0])
@pytest.mark.parametrize("name", PLAIN)
def test_aggregate_equals_plain_python(served: Pipeline, orders: Orders, name: str, span: tuple[str, int, int]) -> None:
    (window, start, length), plain = span, PLAIN[name][1]
    at = str(start + length // 2)
    now, before = inside(orders, start, start + length), inside(orders, start - length, start)
    value = served.value(name, window, at)
    assert value.value == pytest.approx(plain(now, before), rel=1e-12)
    assert (value.events, value.bounds) == (len(now), None)
    by_team = {v.dimensions["team"]: v.value for v in served.values(name, window, at, by=("team",))}
    assert by_team.keys() == {order.team for order in now}
    for team, found in by_team.items():
        wanted = plain([o for o in now if o.team == team], [o for o in before if o.team == team])
        assert found == pytest.approx(wanted, rel=1e-12), team


def test_event_that_stands_for_all_has_its_own_currency(tmp_path: Path) -> None:
    stream = {**ORDERS, "fields": {**ORDERS["fields"], "currency": "string"}}
    money = {"value": "amount", "currency": "currency"}
    declarations = [
        kpi("first", {"it": measure("first", **money)}, "it", unit="money"),
        kpi("last", {"it": measure("last", **money)}, "it", unit="money"),
        kpi("latest", {"it": measure("latest", **money, key="customer")}, "it", unit="money"),
    ]
    made = Pipeline(catalogue_of(tmp_path, declared(stream, *declarations)), NOW)
    for moment, customer, amount, currency in (
        (0, "a", 5, "EUR"), (DAY, "a", 700, "USD"), (2 * DAY, "b", 33, "USD"), (3 * DAY, "a", 100, "USD"),
    ):  # fmt: skip
        made.send("shop.order", {**order(moment, customer, None, amount), "currency": currency})
    found = [made.value(name, "week", str(START + DAY)) for name in ("first", "last", "latest")]
    assert [(value.value_minor, value.currency) for value in found] == [(5, "EUR"), (100, "USD"), (133, "USD")]
    made.send("shop.order", {**order(4 * DAY, "c", None, 1), "currency": "EUR"})
    mixed = made.value("latest", "week", str(START + DAY))
    assert (mixed.value, mixed.reason) == (None, "no_rate")
    made.view.close()


def test_rows_of_an_unknown_form_are_refused(tmp_path: Path) -> None:
    made = Pipeline(catalogue_of(tmp_path, declared(ORDERS, KPIS[0])), NOW)
    made.send("shop.order", order(0, "a"))
    (group,) = made.plan.groups.values()
    columns: dict[str, list[int | None]] = {column.name: [1] for column in group.columns}
    pane = Rows(
        "shop.order/0", group.id, "1d:UTC", START, START + DAY, 0, "one", 2, {"team": [None]}, None, columns, [], 0,
        "totals/2",
    )  # fmt: skip
    with pytest.raises(UnknownEncoding, match="totals/2"):
        made.view.apply([pane], {})
    assert made.value("variance", "day", str(START)).events == 1, "nothing of it is taken over"
    made.view.close()
