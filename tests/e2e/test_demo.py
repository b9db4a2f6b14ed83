"""`kpi demo` from nothing to its balanced books, as a newcomer runs it."""

import re
from pathlib import Path

from tests.e2e.installations import kpi


def test_the_demo_ends_by_itself_with_values_and_balanced_books(tmp_path: Path) -> None:
    demo = kpi(tmp_path, "demo", "--seconds", "15", seconds=240)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    first = re.search(r"first value after (\d+) s", demo.stdout)
    assert first is not None
    for part in ("Average first response time", "Revenue", "Customer contacts", "sum of its fates"):
        assert part in demo.stdout
    assert "pizzeria.sale: 49,574 sent, 49,574 counted." in demo.stdout
    assert "Traceback" not in demo.stdout + demo.stderr
    assert not (tmp_path / "data" / "run.json").exists()


def test_the_demo_keeps_out_of_a_kafka_of_yours(tmp_path: Path) -> None:
    refused = kpi(tmp_path, "demo", kafka_bootstrap_servers="127.0.0.1:1")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: the demo's data do not belong into a Kafka of yours")
