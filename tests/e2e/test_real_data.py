"""Real data through the whole product: files in, values out, compared with plain computations over the files."""

import csv
import datetime
import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.demo import bank_calls, datasets
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import until
from tests.e2e.installations import ROOT, Up, environment, kpi, start_kpi_up, wait_ready

PIZZERIA = ROOT / "examples" / "pizzeria"
ON = ("--catalogue", str(PIZZERIA), "--pack", "service")
DAY = 86_400_000


@pytest.fixture
def up(broker: Broker, tmp_path: Path) -> Iterator[Up]:
    """Everything, two workers, on each broker in turn."""
    running = start_kpi_up(tmp_path, *ON, "--workers", "2", kafka_bootstrap_servers=broker.bootstrap)
    try:
        wait_ready(running, 90)
        yield running
    finally:
        running.end()


def run_import(up: Up, *arguments: str) -> str:
    """`kpi import`, to its end; what it said."""
    command = ["import", *arguments, *ON]
    done = kpi(up.folder, *command, seconds=240, kafka_bootstrap_servers=_bootstrap(up))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _bootstrap(up: Up) -> str:
    address = up.addresses()["broker"]
    assert isinstance(address, str)
    return address


def ask(up: Up, kpi_id: str, **query: str) -> dict[str, Any]:
    """A value over HTTP."""
    answer = httpx2.get(f"{up.addresses()['api']}/v1/kpis/{kpi_id}/value", params=query, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def consumed(up: Up, stream: str) -> int:
    """Records of a stream that the workers account for."""
    status = httpx2.get(f"{up.addresses()['api']}/v1/status", timeout=30).json()
    places = [place for task in status["tasks"] for place in task["topics"]]
    return sum(place["consumed"] for place in places if place["topic"].startswith(stream))


def minor(price: str) -> int:
    return int(Decimal(price) * 100)


def test_a_year_of_pizzas(up: Up, tmp_path: Path) -> None:
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
        env=environment(tmp_path, kafka_bootstrap_servers=_bootstrap(up)),
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

    before = check_the_year()
    run_import(up, str(file), "--stream", "pizzeria.sale")
    again = check_the_year()
    assert consumed(up, "pizzeria.sale") == len(rows)
    by_the_clock = {"as_of", "lag_seconds", "stale"}
    assert {k: v for k, v in again.items() if k not in by_the_clock} == {
        k: v for k, v in before.items() if k not in by_the_clock
    }


def test_the_busiest_day_of_a_call_centre(up: Up, tmp_path: Path) -> None:
    intervals = bank_calls.intervals(datasets.bank_calls())
    days: dict[int, list[bank_calls.Interval]] = defaultdict(list)
    for interval in intervals:
        days[interval.start // DAY].append(interval)
    busiest, chosen = max(days.items(), key=lambda day: sum(interval.calls for interval in day[1]))
    # By whole days to yesterday, where single minutes are still kept.
    yesterday = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000) // DAY - 1
    shift = (yesterday - busiest) * DAY
    file = tmp_path / "calls.csv"
    bank_calls.calls(chosen, shift).write_csv(file)
    total = sum(interval.calls for interval in chosen)

    run_import(up, str(file), "--stream", "support.contact", "--backfill")
    until(lambda: consumed(up, "support.contact") >= total, 120, "every call is counted")
    day = datetime.datetime.fromtimestamp(yesterday * DAY / 1000 + 60, datetime.UTC)
    assert ask(up, "customer_contacts", window="day", at=day.isoformat())["value"] == total
    for interval in chosen:
        end = datetime.datetime.fromtimestamp((interval.start + shift + bank_calls.STEP) / 1000, datetime.UTC)
        value = ask(up, "customer_contacts", window="5m", at=end.isoformat())
        assert value["value"] == interval.calls, json.dumps(value)
