"""The pizzeria's installation, asked and fed from outside."""

from typing import Any

import httpx2

from schemas.topics import history_topic, stream_topic
from tests.e2e.installations import ROOT, Up, kpi

PIZZERIA = ROOT / "examples" / "pizzeria"
ON = ("--catalogue", str(PIZZERIA), "--pack", "service")


def run_import(up: Up, *arguments: str) -> str:
    """`kpi import`, to its end; what it said."""
    command = ["import", *arguments, *ON]
    done = kpi(up.folder, *command, seconds=240, kafka_bootstrap_servers=bootstrap_of(up))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def bootstrap_of(up: Up) -> str:
    """Where its Kafka is."""
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
    """Records of a stream that the workers account for, its history with it, and not the copies of joins."""
    status = httpx2.get(f"{up.addresses()['api']}/v1/status", timeout=30).json()
    topics = {stream_topic(stream), history_topic(stream)}
    places = [place for task in status["tasks"] for place in task["topics"]]
    return sum(place["consumed"] for place in places if place["topic"] in topics)
