"""T12: stock at cost, on average over the time and not over the readings."""

import pytest

from schemas.answers import Value
from schemas.times import parse_time
from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

DAY = 86_400_000
START = parse_time("2026-03-02T00:00:00Z")
STOCK = """
stream: inventory.level
key: sku
partitions: 1
clock: replay
disorder: 0s
lateness: 20d
fields: {sku: string, site: string, value_minor: int64, currency: string}
---
stream: finance.entry
partitions: 1
clock: replay
disorder: 0s
lateness: 20d
fields: {sku: string, amount_minor: int64, currency: string}
---
entity: stock
of: {inventory.level: [sku, site]}
forget_after: never
states:
  held: {latest: value_minor >= 0, carrying: [sku, value_minor, currency]}
contributions:
  at_cost: {level: held, value: held_value_minor, dimensions: {sku: held_sku}}
  known: {level: held, dimensions: {sku: held_sku}}
"""
HELD = "held: {from: stock.at_cost, aggregate: integral}, known: {from: stock.known, aggregate: integral}"
WINDOWS = "{rolling: [10d, 5d]}"
DECLARED = (
    STOCK
    + kpi(
        "average_stock",
        f"{{{HELD}}}",
        "held / nullif(known, 0)",
        windows=WINDOWS,
        more="also: {known: known}\ndimensions: [sku]",
    )
    + kpi(
        "cost_of_goods",
        "{them: {from: finance.entry, aggregate: sum, value: amount_minor}}",
        "them",
        windows=WINDOWS,
        more="dimensions: [sku]",
    )
    + kpi(
        "inventory_turnover",
        "{}",
        "cost_of_goods / nullif(average_stock, 0)",
        windows=WINDOWS,
        more="uses: [cost_of_goods, average_stock]\ndimensions: [sku]",
    )
)


def read(made: Pipeline, day: float, value: int, sku: str = "a") -> None:
    event = {"time": START + round(day * DAY), "sku": sku, "site": "one", "value_minor": value, "currency": "EUR"}
    made.send("inventory.level", event)


def sold(made: Pipeline, day: float, amount: int, sku: str = "a") -> None:
    event = {"time": START + round(day * DAY), "sku": sku, "amount_minor": amount, "currency": "EUR"}
    made.send("finance.entry", event)


def number(made: Pipeline, name: str, window: str = "10d", sku: str = "a") -> float | None:
    return made.value(name, window, str(START + int(window[:-1]) * DAY), sku=sku).value


def revisions(made: Pipeline) -> list[int]:
    names = ("average_stock", "inventory_turnover")
    return [made.value(name, "10d", str(START + 10 * DAY), sku="a").revision for name in names]


def test_t12_time_weighted_inventory(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    for day, value in ((-2, 1000), (4, 500), (9, 2000)):
        read(made, day, value)
    for day, amount in ((1, 700), (8, 1000), (10, 0)):
        sold(made, day, amount)
    read(made, 10, 0, "z")
    assert [number(made, name) for name in ("average_stock", "cost_of_goods", "inventory_turnover")] == [850, 1700, 2]
    assert number(made, "average_stock", "5d") == 900
    before = revisions(made)

    read(made, 6, 700)
    turnover = made.value("inventory_turnover", "10d", str(START + 10 * DAY), sku="a")
    assert (number(made, "average_stock"), turnover.value) == (910, 1700 / 910)
    assert round(1700 / 910, 3) == 1.868
    assert revisions(made) == [revision + 1 for revision in before]
    assert number(made, "average_stock", "5d") == 900


def test_t12_at_day_five_to_date(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    for day, value in ((-2, 1000), (4, 500)):
        read(made, day, value)
    read(made, 5, 0, "z")
    found = made.value("average_stock", "10d", str(START + 10 * DAY), sku="a")
    assert (found.value, found.also["known"]) == (900, 5 * DAY), "of ten days the five that have been"


def test_t12_first_reading_within_the_window(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    read(made, 4, 500)
    read(made, 9, 2000)
    read(made, 10, 0, "z")
    found = made.value("average_stock", "10d", str(START + 10 * DAY), sku="a")
    assert (found.value, found.also["known"]) == (750, 6 * DAY), "what is known of is less than the window"


TEN_DAYS = {"rolling": ["10d", "5d"]}
ENTRY = {"account": "5000", "account_type": "cogs", "cost_centre": "shop", "action": "posted", "currency": "EUR"}


def read_shipped(made: Pipeline, day: float, value: int, sku: str = "a") -> None:
    event = {"time": START + round(day * DAY), "sku": sku, "site": "one", "value_minor": value, "currency": "EUR"}
    made.send("inventory.level", {**event, "qty": 1})


def sold_shipped(made: Pipeline, day: int, amount: int, sku: str | None = "a") -> None:
    event = {**ENTRY, "sku": sku, "amount_minor": amount, "effective": f"2026-03-{2 + day:02}"}
    made.send("finance.entry", {**event, "time": START + day * DAY})


def shipped_turnover(made: Pipeline, window: str = "10d", sku: str = "a") -> Value:
    return made.value("inventory_turnover", window, str(START + int(window[:-1]) * DAY), sku=sku)


def test_t12_of_what_ships(pipeline: Made) -> None:
    made = pipeline(shipped("inventory_turnover", windows=TEN_DAYS, lateness="20d"))
    for day, value in ((-2, 1000), (4, 500), (9, 2000)):
        read_shipped(made, day, value)
    for day, amount in ((1, 900), (8, 800), (10, 0)):
        sold_shipped(made, day, amount)
    sold_shipped(made, 7, 500, None)
    read_shipped(made, 10, 0, "z")
    found = shipped_turnover(made)
    assert (found.value, found.also, found.flags) == (2, {"annualised": 2 * 36.5}, ())
    assert shipped_turnover(made, "5d").value == 1, "900 sold, of 900 on average to date"
    read_shipped(made, 6, 700)
    late = shipped_turnover(made)
    assert (late.value, late.revision) == (1700 / 910, found.revision + 1)


def test_t12_first_reading_within_the_window_of_what_ships(pipeline: Made) -> None:
    made = pipeline(shipped("inventory_turnover", windows=TEN_DAYS, lateness="20d"))
    read_shipped(made, 4, 500)
    read_shipped(made, 9, 2000)
    sold_shipped(made, 5, 1500)
    sold_shipped(made, 10, 0)
    read_shipped(made, 10, 0, "z")
    found = shipped_turnover(made)
    assert (found.value, found.flags) == (1500 / 750, ("incomplete",))


@pytest.mark.parametrize(("name", "expected"), [("inventory_level", 7), ("days_of_inventory", 20)])
def test_what_is_in_stock_now_of_what_ships(pipeline: Made, name: str, expected: float) -> None:
    made = pipeline(shipped(name, windows=TEN_DAYS, lateness="20d"))
    for day, quantity in ((1, 9), (6, 7)):
        event = {"time": START + day * DAY, "sku": "a", "site": "one", "currency": "EUR"}
        made.send("inventory.level", {**event, "qty": quantity, "value_minor": 100 * quantity})
    if name == "days_of_inventory":
        # 35 a day, of which 700 lasts for 20 days.
        for day, amount in ((2, 300), (3, 50), (10, 0)):
            sold_shipped(made, day, amount)
    made.send(
        "inventory.level",
        {"time": START + 10 * DAY, "sku": "z", "site": "one", "currency": "EUR", "qty": 0, "value_minor": 0},
    )
    assert made.value(name, "10d", str(START + 10 * DAY), sku="a").value == expected
