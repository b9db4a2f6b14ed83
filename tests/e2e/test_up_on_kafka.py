"""`kpi up` on an Apache Kafka of one's own: nothing is lost by a restart."""

import functools
import json
import signal
from pathlib import Path
from typing import Any

from tests.brokers.fixtures import Broker
from tests.brokers.waiting import until
from tests.e2e.installations import kpi, start_up, wait_ready


def test_what_was_counted_survives_a_restart(kafka_broker: Broker, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"kafka_bootstrap_servers": kafka_broker.bootstrap}

    def counted(sales: int) -> bool:
        asked = kpi(tmp_path, "get", "shop_sales", "--window", "day", "--json", **settings)
        assert asked.returncode == 0, asked.stderr
        return bool(json.loads(asked.stdout)["value"] == sales)

    for start in (1, 2):
        up = start_up(tmp_path, **settings)
        try:
            wait_ready(up)
            assert "Nothing survives a restart" not in up.output
            event = (f"order_id={start}", "amount=12.50", "kind=book")
            sent = kpi(tmp_path, "send", "--stream", "shop.sale", *event, **settings)
            assert sent.returncode == 0, sent.stderr
            until(functools.partial(counted, start), 30, f"sale {start} is counted")
            status = kpi(tmp_path, "status", **settings)
            assert status.returncode == 0, status.stdout + status.stderr
            up.signal(signal.SIGTERM)
            assert up.process.wait(10) == 0
        finally:
            up.end()
