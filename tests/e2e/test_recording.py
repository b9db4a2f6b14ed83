"""`kpi record`, `kpi annotate` and `kpi history` through everything that `kpi up` runs, on each broker."""

import datetime
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.fixtures import Broker
from tests.brokers.waiting import until
from tests.e2e.installations import SHOP, Up, kpi, start_kpi_up, wait_ready

TARGET = "targets: [{value: 1, from: 2026-01-01, example: true}]\n"


def start(folder: Path, broker: Broker) -> Up:
    catalogue = folder / "catalogue"
    catalogue.mkdir(exist_ok=True)
    (catalogue / "shop.yaml").write_text(SHOP + TARGET)
    running = start_kpi_up(
        folder, "--catalogue", str(catalogue), "--pack", "service", kafka_bootstrap_servers=broker.bootstrap
    )
    try:
        wait_ready(running, 90)
    except BaseException:
        running.end()
        raise
    return running


@pytest.fixture
def up(broker: Broker, tmp_path: Path) -> Iterator[Up]:
    running = start(tmp_path, broker)
    try:
        yield running
    finally:
        running.end()


def run(up: Up, *arguments: str) -> str:
    broker = up.addresses()["broker"]
    done = kpi(up.folder, *arguments, kafka_bootstrap_servers=broker)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def value(up: Up) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(up, "get", "shop_sales", "--window", "5m", "--json"))
    return found


def test_what_is_recorded_judges_values_and_is_shown(up: Up, broker: Broker, tmp_path: Path) -> None:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    run(up, "send", "--stream", "shop.sale", "order_id=17", "amount=12.50", "kind=book")
    # A rolling window takes the running minute once it is over.
    until(lambda: value(up)["value"] == 1, 120, "the sale is counted")
    before = value(up)
    assert (before["target"], before["attainment"], before["target_source"]["origin"]) == (1, 1, "catalogue")
    said = ("--as", "target", "--from", today, "--author", "Ann")
    run(up, "record", "shop_sales", "4", *said, "--reason", "agreed")
    run(up, "annotate", "shop_sales", "a fair", "--from", today, "--author", "Bob")
    until(lambda: value(up)["target"] == 4 and value(up)["annotations"] != [], 20, "the target stands")
    after = value(up)
    assert (before["status"], after["status"]) == ("on_track", "off_track")
    assert (after["attainment"], after["target_source"]["author"]) == (0.25, "Ann")
    run(up, "record", "shop_sales", "2", *said, "--reason", "too much")
    until(lambda: value(up)["target"] == 2, 20, "the corrected target stands")
    told = run(up, "get", "shop_sales", "--window", "5m")
    assert all(words in told for words in ("by Ann", "too much", "a fair (Bob)"))
    entries = json.loads(run(up, "history", "shop_sales", "--json"))
    assert [(entry.get("reason") or entry["text"], entry["replaced_by"]) for entry in entries] == [
        ("agreed", entries[2]["id"]), ("a fair", None), ("too much", None),
    ]  # fmt: skip
    assert "too much" in run(up, "history", "shop_sales")
    if broker.kind == "kafka":
        up.signal(signal.SIGTERM)
        up.process.wait(60)
        again = start(tmp_path, broker)
        try:
            assert value(again)["target"] == 2
        finally:
            again.end()
