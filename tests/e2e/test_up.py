"""`kpi up` from start to stop: real broker, real services, a real event."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.brokers.waiting import until
from tests.e2e.installations import ROOT, Up, gone, kpi, start_up, wait_ready


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, taken_port: int) -> Iterator[Up]:
    running = start_up(tmp_path_factory.mktemp("up"), "--workers", "2", api_port=taken_port)
    try:
        wait_ready(running)
        yield running
    finally:
        running.end()


def test_an_event_sent_by_hand_becomes_a_value(up: Up) -> None:
    sent = kpi(up.folder, "send", "--stream", "shop.sale", "order_id=17", "amount=12.50", "kind=book")
    assert sent.returncode == 0, sent.stderr

    def day() -> dict[str, object]:
        asked = kpi(up.folder, "get", "shop_sales", "--window", "day", "--json")
        assert asked.returncode == 0, asked.stderr
        answer: dict[str, object] = json.loads(asked.stdout)
        return answer

    until(lambda: day()["value"] == 1, 20, "the sale is counted")
    value = day()
    assert value["kpi"] == "shop_sales"
    assert value["events"] == 1


def test_the_books_are_shown_and_add_up(up: Up) -> None:
    status = kpi(up.folder, "status")
    assert status.returncode == 0, status.stderr
    assert "shop.sale.v1" in status.stdout
    assert "add up" in status.stdout


def test_any_producer_may_write_to_the_topic(up: Up) -> None:
    event = {"id": "till-1", "time": time.time_ns() // 1_000_000, "order_id": "99", "amount": 3, "kind": "game"}
    subprocess.run(
        [sys.executable, ROOT / "examples" / "producer.py", up.addresses()["broker"], "shop.sale.v1", "order_id"],
        input=json.dumps(event), text=True, check=True, timeout=30,
    )  # fmt: skip

    def counted() -> bool:
        asked = kpi(up.folder, "get", "shop_sales", "--where", "kind=game", "--window", "day", "--json")
        assert asked.returncode == 0, asked.stderr
        return bool(json.loads(asked.stdout)["value"] == 1)

    until(counted, 20, "the producer's event is counted")


def test_it_says_what_the_embedded_broker_does_not_do(up: Up) -> None:
    assert "Nothing survives a restart" in up.output
    assert "KPI_KAFKA_BOOTSTRAP_SERVERS" in up.output


def test_a_second_one_on_the_same_folder_is_refused(up: Up) -> None:
    second = kpi(up.folder, "up", "--no-default-catalogue", "--catalogue", str(up.folder / "catalogue"))
    assert second.returncode == 1
    assert second.stderr.startswith("error: kpi runs on ")
    assert up.process.poll() is None


def test_a_taken_port_is_left_alone_and_said(up: Up, taken_port: int) -> None:
    assert f"port {taken_port} was taken" in up.output
    assert up.addresses()["api"] != f"http://127.0.0.1:{taken_port}"


def test_a_part_that_dies_is_started_again(up: Up) -> None:
    first = up.addresses()["pids"]["ingest"]
    next(process for process in up.family() if process.pid == first).kill()
    until(lambda: "ingest ended (signal 9); started again" in up.output, 10, "the death is said")

    def sent() -> bool:
        event = ("order_id=18", "amount=1", "kind=game")
        return kpi(up.folder, "send", "--stream", "shop.sale", *event).returncode == 0

    until(sent, 20, "ingest takes events again")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_stops_within_five_seconds_and_leaves_nothing(tmp_path: Path, number: signal.Signals, status: int) -> None:
    up = start_up(tmp_path)
    try:
        wait_ready(up)
        family = up.family()
        assert len(family) >= 6
        up.signal(number)
        began = time.monotonic()
        assert up.process.wait(10) == status
        assert time.monotonic() - began < 5
        assert all(gone(process) for process in family)
        assert "Traceback" not in up.output
        assert up.addresses() == {}
    finally:
        up.end()


def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    up = start_up(tmp_path)
    children: list[psutil.Process] = []
    try:
        wait_ready(up)
        children = up.family()[1:]
        up.signal(signal.SIGKILL)
        up.process.wait()
        until(lambda: all(gone(child) for child in children), 10, "every child has ended")
    finally:
        for child in children:
            if not gone(child):
                child.kill()
        up.end()
