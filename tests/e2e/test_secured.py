"""Every service over SASL_SSL, by settings alone."""

import json
from pathlib import Path
from typing import Any

import httpx2

from tests.brokers.fixtures import SecuredBroker
from tests.brokers.waiting import until
from tests.e2e.installations import kpi, start_up, wait_ready


def test_everything_runs_on_a_secured_kafka(secured_broker: SecuredBroker, tmp_path: Path) -> None:
    kafka = secured_broker.connection
    assert kafka.password is not None
    settings: dict[str, Any] = {
        "kafka_bootstrap_servers": kafka.bootstrap_servers,
        "kafka_security_protocol": kafka.security_protocol,
        "kafka_username": kafka.username,
        "kafka_password": kafka.password.get_secret_value(),
        "kafka_ca_file": kafka.ca_file,
    }
    up = start_up(tmp_path, "--workers", "1", **settings)
    try:
        wait_ready(up, 90)
        event = {"id": "1", "time": "2026-11-22T10:00:00Z", "order_id": "1", "amount": 12.5, "kind": "book"}
        posted = httpx2.post(f"{up.addresses()['ingest']}/v1/streams/shop.sale/events", json=event, timeout=30)
        assert posted.status_code == 202, posted.text
        sent = kpi(tmp_path, "send", "--stream", "shop.sale", "order_id=2", "amount=1", "kind=game", **settings)
        assert sent.returncode == 0, sent.stderr
        table = tmp_path / "sales.csv"
        table.write_text("time,order_id,amount,kind\n2026-11-22T10:01:00Z,3,7.25,book\n")
        imported = kpi(tmp_path, "import", str(table), "--stream", "shop.sale", "--backfill", **settings)
        assert imported.returncode == 0, imported.stdout + imported.stderr

        def counted() -> int:
            asked = kpi(tmp_path, "status", "--json", **settings)
            assert asked.returncode == 0, asked.stderr
            topics = [topic for task in json.loads(asked.stdout)["tasks"] for topic in task["topics"]]
            return sum(topic["consumed"] for topic in topics)

        until(lambda: counted() == 3, 60, "the three events are counted")
        assert kafka.password.get_secret_value() not in up.output
    finally:
        up.end()


def test_a_wrong_password_is_said_in_one_line(secured_broker: SecuredBroker, tmp_path: Path) -> None:
    kafka = secured_broker.connection
    up = start_up(
        tmp_path,
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        kafka_security_protocol="SASL_SSL",
        kafka_username=kafka.username,
        kafka_password="not-the-password",
        kafka_ca_file=kafka.ca_file,
    )
    try:
        assert up.process.wait(60) == 1
        assert "KPI_KAFKA_BOOTSTRAP_SERVERS" in up.output
        assert "Traceback" not in up.output
        assert "not-the-password" not in up.output
    finally:
        up.end()
