"""The embedded broker keeps everything in memory: at its limit the door closes, and all else goes on."""

import base64
import json
import random
import signal
import time
from pathlib import Path

import httpx2

from services.client.ingest import IngestClient
from services.ingest.memory import MEASURE_SECONDS
from tests.brokers.waiting import until
from tests.e2e.installations import Up, kpi, start_up, wait_ready

LIMIT_MIB = 64
BATCH = 500
LONGEST = 400
"""So many batches are far beyond the limit."""


def batch(number: int, generator: random.Random) -> list[dict[str, object]]:
    """Sales with names of some length, which do not compress."""
    now = time.time_ns() // 1_000_000
    names = [base64.b64encode(generator.randbytes(1500)).decode() for _ in range(BATCH)]
    return [
        {"id": f"{number}-{place}", "time": now, "order_id": name, "amount": 1, "kind": "book"}
        for place, name in enumerate(names)
    ]


def fill(up: Up) -> tuple[int, httpx2.Response]:
    """Send until nothing is taken any more: how many events were, and the refusal.

    What the broker holds for readers goes as they have read it, and there may be room once more.
    """
    generator, taken, refused = random.Random(1), 0, 0
    url = f"{up.addresses()['ingest']}/v1/streams/shop.sale/events"
    with httpx2.Client(trust_env=False, timeout=30) as http:
        for number in range(LONGEST):
            answer = http.post(url, json=batch(number, generator))
            if answer.status_code == 202:
                taken, refused = taken + answer.json()["accepted"], 0
                continue
            refused += 1
            if refused == 2:
                return taken, answer
            until(lambda so_far=taken: sales(up) == so_far, 60, "all that was taken is counted")  # type: ignore[misc]
            time.sleep(3 * MEASURE_SECONDS)
    raise AssertionError(f"{taken} events were taken, and none refused")


def sales(up: Up) -> int:
    """How many are counted."""
    status = kpi(up.folder, "status", "--json")
    assert status.returncode == 0, status.stdout + status.stderr
    topics = [topic for task in json.loads(status.stdout)["tasks"] for topic in task["topics"]]
    return sum(int(topic["fates"]["aggregated"]) for topic in topics if topic["topic"] == "shop.sale.v1")


def test_at_the_limit_events_are_refused_and_values_are_served(tmp_path: Path) -> None:
    up = start_up(tmp_path, "--simulate", embedded_memory_limit=f"{LIMIT_MIB}MiB")
    try:
        wait_ready(up)
        assert f"in memory, at most {LIMIT_MIB} MiB, never compacted, without transactions" in up.output
        assert "Nothing survives a restart" in up.output
        assert "KPI_KAFKA_BOOTSTRAP_SERVERS" in up.output
        taken, refused = fill(up)
        assert taken > 0

        problem = refused.json()
        assert (refused.status_code, problem["type"]) == (503, "urn:kpi:problem:no-room")
        for words in (f"limit of {LIMIT_MIB} MiB", "KPI_EMBEDDED_MEMORY_LIMIT", "KPI_KAFKA_BOOTSTRAP_SERVERS"):
            assert words in problem["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        with IngestClient(up.addresses()["ingest"]) as ingest:
            assert not ingest.ready()
        until(lambda: "the embedded broker keeps everything in memory, now " in up.output, 10, "it is said")

        assert sales(up) == taken
        assert kpi(up.folder, "get", "shop_sales", "--window", "day").returncode == 0
        sent = kpi(up.folder, "send", "--stream", "shop.sale", "order_id=17", "amount=1", "kind=book")
        assert sent.returncode == 1
        assert "has reached its limit" in sent.stderr
        imported = tmp_path / "sales.ndjson"
        imported.write_text(json.dumps(batch(LONGEST, random.Random(2))[0]))
        done = kpi(up.folder, "import", str(imported), "--stream", "shop.sale")
        assert done.returncode == 1
        assert "has reached its limit" in done.stderr
        # The simulation has ended, and nothing with it.
        assert up.process.poll() is None
        assert "started again" not in up.output
        up.signal(signal.SIGTERM)
        assert up.process.wait(10) == 0
    finally:
        up.end()
