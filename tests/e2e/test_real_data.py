"""A real year of pizzas through the whole product, compared with plain computations over the file."""

import csv
import datetime
import os
import signal
import subprocess
import sys
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.demo import datasets
from tests.brokers.waiting import until
from tests.e2e.installations import ROOT, Up, environment
from tests.e2e.pizzeria import ON, ask, bootstrap_of, consumed, run_import


def minor(price: str) -> int:
    return int(Decimal(price) * 100)


def check_growth(up: Up, rows: list[dict[str, str]]) -> None:
    """Of each month against the one before, and of weeks against the same ones a month before."""
    months: Counter[str] = Counter()
    weeks: Counter[datetime.date] = Counter()
    for row in rows:
        date = datetime.date.fromisoformat(row["date"])
        months[row["date"][:7]] += minor(row["price"])
        weeks[date - datetime.timedelta(days=date.weekday())] += minor(row["price"])
    # Nothing says yet that the year is over: of December is compared what has come in of all partitions.
    known = ask(up, "pizzeria_revenue", window="month", at="2015-12-15T00:00:00Z")["watermark"][:16].replace("T", " ")
    assert known > "2015-12-31"
    months["2015-12"] -= sum(minor(row["price"]) for row in rows if f"{row['date']} {row['time']}" >= known)
    for before, month in pairwise(sorted(months)):
        expected = months[month] / months[before] - 1
        value = ask(up, "pizzeria_growth", window="month", at=f"{month}-15T00:00:00Z")
        assert value["value"] == pytest.approx(expected, rel=1e-9), month
    first = ask(up, "pizzeria_growth", window="month", at="2015-01-15T00:00:00Z")
    assert (first["value"], first["reason"]) == (None, "not_comparable")
    # The week whose Thursday is the ninth of July, and the one that holds the ninth of June.
    expected = weeks[datetime.date(2015, 7, 6)] / weeks[datetime.date(2015, 6, 8)] - 1
    value = ask(up, "pizzeria_growth_in_a_month", window="week", at="2015-07-08T00:00:00Z")
    assert value["value"] == pytest.approx(expected, rel=1e-9)


def check_products_and_hours(up: Up, rows: list[dict[str, str]]) -> None:
    """How many kinds of pizza, and at which hour most money comes in."""
    year = {"window": "year", "at": "2015-07-01T00:00:00Z"}
    names = {row["name"] for row in rows}
    assert len(names) == 32
    products = ask(up, "pizzeria_products", **year)
    assert (products["value"], products["bounds"]) == (len(names), None)
    on_a_day = {row["name"] for row in rows if row["date"] == "2015-07-15"}
    assert ask(up, "pizzeria_products", window="day", at="2015-07-15T12:00:00Z")["value"] == len(on_a_day)
    hours: Counter[str] = Counter()
    for row in rows:
        hours[row["time"][:2]] += minor(row["price"])
    answer = httpx2.get(
        f"{up.addresses()['api']}/v1/kpis/pizzeria_revenue_by_hour/value", params={**year, "by": "hour"}, timeout=30
    )
    found = {value["dimensions"]["hour"]: value["value_minor"] for value in answer.json()["values"]}
    assert found == hours
    assert max(found, key=found.__getitem__) == "12"


def test_a_year_of_pizzas(pizzeria_up: Up, tmp_path: Path) -> None:
    up = pizzeria_up
    file = tmp_path / "pizzaplace.csv"
    datasets.pizzaplace().write_csv(file)
    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    revenue = sum(minor(row["price"]) for row in rows)
    orders = len({row["id"] for row in rows})
    # What the data set is known for; the rest is computed from the file.
    assert (len(rows), orders, revenue) == (49_574, 21_350, 81_786_005)

    importing = subprocess.Popen(
        [
            *(sys.executable, "-m", "services.cli.main", "import", str(file), "--stream", "pizzeria.sale"),
            *ON,
        ],
        cwd=ROOT,
        env=environment(tmp_path, kafka_bootstrap_servers=bootstrap_of(up)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until(lambda: consumed(up, "pizzeria.sale") > 0, 60, "the import has begun to be counted")
    os.kill(up.addresses()["pids"]["worker-1"], signal.SIGTERM)
    _, said = importing.communicate(timeout=240)
    assert importing.returncode == 0, said
    until(lambda: consumed(up, "pizzeria.sale") >= len(rows), 120, "everything is counted")

    year = {"window": "year", "at": "2015-07-01T00:00:00Z"}

    def check_the_year() -> dict[str, Any]:
        value = ask(up, "pizzeria_revenue", **year)
        assert (value["value"], value["value_minor"], value["currency"]) == (817860.05, revenue, "USD")
        assert value["events"] == len(rows)
        assert ask(up, "pizzeria_orders", **year)["value"] == orders
        average = (Decimal(revenue) / orders / 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert ask(up, "pizzeria_average_order_value", **year)["value"] == float(average) == 38.31
        per_order = ask(up, "pizzeria_pizzas_per_order", **year)["value"]
        assert per_order == pytest.approx(len(rows) / orders, rel=1e-12)
        return value

    check_the_year()
    months: Counter[int] = Counter()
    kinds: Counter[str] = Counter()
    for row in rows:
        months[int(row["date"][5:7])] += minor(row["price"])
        kinds[row["type"]] += minor(row["price"])
    for month, expected in months.items():
        value = ask(up, "pizzeria_revenue", window="month", at=f"2015-{month:02}-15T00:00:00Z")
        assert value["value_minor"] == expected, month
    for kind, expected in kinds.items():
        assert ask(up, "pizzeria_revenue", **year, type=kind)["value_minor"] == expected, kind

    check_growth(up, rows)
    check_products_and_hours(up, rows)

    before = check_the_year()
    run_import(up, str(file), "--stream", "pizzeria.sale")
    again = check_the_year()
    assert consumed(up, "pizzeria.sale") == len(rows)
    by_the_clock = {"as_of", "lag_seconds", "stale"}
    assert {k: v for k, v in again.items() if k not in by_the_clock} == {
        k: v for k, v in before.items() if k not in by_the_clock
    }
