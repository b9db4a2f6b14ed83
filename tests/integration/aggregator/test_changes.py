"""A worker stopped, its catalogue or its topics changed, and started again: what the api says is right, or is said to
be missing; or the worker says what cannot go on.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.partitioner import murmur2

from kpi.planning import plan
from kpi.topology import topic_specs
from schemas.times import parse_time
from services.runtime.catalogue import load
from services.runtime.topics import TopicMismatch, ensure_topics
from tests.brokers.deleting import delete_topic
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import STOP_SECONDS, Installation, Worker
from tests.integration.aggregator.topics import Raw
from tests.integration.api.running import running_api

VISITS, CARTS = "shop.visit.v1", "shop.cart.v1"
T0 = parse_time("2026-03-02T00:00:00Z")
HOUR = 3_600_000
NOTICED_SECONDS = 30.0

STREAMS = """
stream: shop.visit
partitions: {visits}
clock: replay
disorder: 0s
lateness: 1d
fields: {{page: string, browser: string, seconds: int32}}
---
stream: shop.cart
key: cart
partitions: {carts}
partitioner: murmur2
clock: replay
disorder: 0s
lateness: 1d
fields: {{cart: string, action: {{enum: [opened, paid]}}}}
---
entity: cart
of: {{shop.cart: cart}}
forget_after: 30d
states: {{opened: {{first: "action = 'opened'"}}, {state}: {{first: "action = 'paid'", after: opened}}}}
contributions: {{sale: {{at: {state}_time}}}}
"""
KPI = """
---
kpi: {name}
title: {name}
sentence: {name}.
department: sales
unit: things
direction: up
kind: lagging
owner: shop
measures: {{n: {{from: {source}, aggregate: {aggregate}}}}}
formula: n
dimensions: {dimensions}
windows: {{tumbling: [1h]}}
"""
VISITED = KPI.format(name="visits", source="shop.visit", aggregate="count", dimensions="[page]")
STAYED = KPI.format(name="stayed", source="shop.visit", aggregate="sum, value: seconds", dimensions="[page]")
BROWSED = KPI.format(name="browsed", source="shop.visit", aggregate="count", dimensions="[browser]")
SALES = KPI.format(name="sales", source="cart.sale", aggregate="count", dimensions="[]")


def declarations(*kpis: str, visits: int = 2, carts: int = 2, state: str = "paid") -> str:
    return STREAMS.format(visits=visits, carts=carts, state=state) + "".join(kpis)


def events(hours: range, partitions: int) -> list[Raw]:
    """Four visits an hour and partition, 10 s and more each, and a sale an hour."""
    found = []
    for hour in hours:
        for partition in range(partitions):
            for place in range(4):
                time = T0 + hour * HOUR + place * 60_000
                body = {"id": f"{partition}-{hour}-{place}", "time": time, "page": f"p{place % 2}", "browser": "b"}
                value = orjson.dumps({**body, "seconds": 10 + hour})
                found.append(Raw(VISITS, partition, value))
        for place, action in enumerate(("opened", "paid")):
            body = {"id": f"c{hour}{action}", "time": T0 + hour * HOUR + place, "cart": f"c{hour}", "action": action}
            found.append(
                Raw(CARTS, (murmur2(f"c{hour}".encode()) & 0x7FFFFFFF) % 2, orjson.dumps(body), f"c{hour}".encode())
            )
    return found


class Changing:
    """An installation whose catalogue and topics are changed while it stands still."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation, self._folder = installation, folder
        self._worker: Worker | None = None
        self._sent = {VISITS: 0, CARTS: 0}

    def change(self, text: str, *, ensured: bool = True) -> None:
        """With all services stopped."""
        self.stop()
        (self._folder / "catalogue" / "all.yaml").write_text(text)
        self.installation.catalogue = load([self._folder / "catalogue"], default=False)
        self.installation.plan = plan(self.installation.catalogue)
        if ensured:
            run(ensure_topics(self.installation.kafka, topic_specs(self.installation.catalogue), 1))

    def stop(self) -> None:
        if self._worker is not None:
            assert self._worker.terminate() == 0
        self._worker = None

    def start(self) -> Worker:
        (self._worker,) = self.installation.start()
        return self._worker

    def count(self, hours: range, partitions: int) -> None:
        raws = events(hours, partitions)
        self.installation.produce(raws)
        for raw in raws:
            self._sent[raw.topic] += 1
        self.installation.until_settled(self._sent)

    async def answers(self, hours: range, *kpis: str) -> tuple[dict[str, list[Any]], dict[str, Any]]:
        """By KPI its values or reasons in these hours, and the status."""
        found: dict[str, list[Any]] = {name: [] for name in kpis}
        async with running_api(self.installation.kafka, self._folder / "api", self.installation.catalogue) as api:
            await api.until("/readyz", lambda answer: answer.get("ready"))
            status: dict[str, Any] = (await api.http.get("/v1/status")).json()
            for name in kpis:
                for hour in hours:
                    asked = {"at": str(T0 + hour * HOUR)}
                    answer = (await api.http.get(f"/v1/kpis/{name}/value", params=asked)).json()
                    found[name].append(answer["value"] if answer["reason"] is None else answer["reason"])
        return found, status


SILENT = "before_start"


async def test_a_changed_catalogue_is_never_silently_wrong(
    kafka_broker: Broker, install: Install, tmp_path: Path
) -> None:
    changing = Changing(install(kafka_broker, declarations=declarations(VISITED, SALES)), tmp_path)
    changing.start()
    changing.count(range(4), 2)
    values, status = await changing.answers(range(4), "visits", "sales")
    assert values == {"visits": [8] * 4, "sales": [1] * 4}
    assert (status["coverage"], status["other_catalogues"]) == ([], {})

    changing.change(declarations(VISITED, SALES, STAYED, BROWSED, visits=3, state="bought"))
    _, status = await changing.answers(range(0))
    (others,) = status["other_catalogues"].values()
    assert {"shop.visit/0", "shop.visit/1"} <= set(others)
    changing.start()
    changing.count(range(4, 8), 3)
    values, status = await changing.answers(range(8), "visits", "stayed", "browsed", "sales")
    assert values == {
        "visits": [8] * 4 + [12] * 4,
        "stayed": [SILENT] * 4 + [12 * (10 + hour) for hour in range(4, 8)],
        "browsed": [SILENT] * 4 + [12] * 4,
        "sales": [SILENT] * 8,
    }
    told = {each["kpi"]: (each["since"], each["rebuild"]) for each in status["coverage"]}
    since = "2026-03-02T03:03:00.001Z"
    assert told == {"stayed": (since, False), "browsed": (since, False), "sales": (None, True)}
    assert status["other_catalogues"] == {}

    changing.change(declarations(STAYED, visits=3, state="bought"))
    changing.start()
    changing.count(range(8, 10), 3)
    changing.change(declarations(STAYED, BROWSED, visits=3, state="bought"))
    changing.start()
    changing.count(range(10, 12), 3)
    values, _ = await changing.answers(range(12), "browsed", "stayed")
    assert values == {
        "browsed": [SILENT] * 10 + [12] * 2,
        "stayed": [SILENT] * 4 + [12 * (10 + hour) for hour in range(4, 12)],
    }


def refused(worker: Worker, seconds: float = STOP_SECONDS) -> str:
    """What a worker says that ends by itself."""
    assert worker.process.wait(seconds) == 1
    assert "Traceback" not in worker.output
    return worker.output


async def _widen(installation: Installation, topics: dict[str, int]) -> None:
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    try:
        await admin.start()
        await admin.create_partitions({name: NewPartitions(count) for name, count in topics.items()})
    finally:
        await admin.close()


def test_a_topic_that_grows_under_a_worker_ends_it(kafka_broker: Broker, install: Install, tmp_path: Path) -> None:
    changing = Changing(install(kafka_broker, declarations=declarations(VISITED)), tmp_path)
    worker = changing.start()
    run(_widen(changing.installation, {VISITS: 3}))
    assert "shop.visit.v1 has 3, declared are 2" in refused(worker, NOTICED_SECONDS)
    assert "shop.visit.v1 has 3, declared are 2" in refused(changing.installation.spawn())


def test_keys_that_moved_are_refused(kafka_broker: Broker, install: Install, tmp_path: Path) -> None:
    changing = Changing(install(kafka_broker, declarations=declarations(VISITED, SALES)), tmp_path)
    changing.start()
    changing.count(range(2), 2)
    with pytest.raises(TopicMismatch, match=r"shop\.cart\.v1 has 2, declared are 3"):
        changing.change(declarations(VISITED, SALES, carts=3))
    run(_widen(changing.installation, {CARTS: 3, "shop.cart.history.v1": 3}))
    assert "its keys lie elsewhere now. Declare 2 again" in refused(changing.installation.spawn(), NOTICED_SECONDS)


@pytest.mark.parametrize("running", [True, False])
def test_a_topic_made_anew_is_refused(kafka_broker: Broker, install: Install, tmp_path: Path, *, running: bool) -> None:
    changing = Changing(install(kafka_broker, declarations=declarations(VISITED)), tmp_path)
    worker = changing.start()
    changing.count(range(2), 2)
    if not running:
        changing.stop()
    installation = changing.installation
    run(delete_topic(installation.kafka, VISITS))
    run(ensure_topics(installation.kafka, topic_specs(installation.catalogue), 1))
    # More than there were, so that no position lies beyond the end.
    installation.produce(events(range(10), 2))
    worker = worker if running else installation.spawn()
    assert "the topic shop.visit.v1 was made anew" in refused(worker, NOTICED_SECONDS)
    assert "`kpi rebuild`" in refused(installation.spawn(), NOTICED_SECONDS)
