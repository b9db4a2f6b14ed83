"""What ingest refuses, and how: at once, with a reason, and never by growing or hanging."""

import asyncio
import gzip
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import psutil
import pytest

from schemas.topics import TopicSpec
from services.ingest import root
from services.runtime.addresses import Addresses, write_addresses
from services.runtime.embedded import EmbeddedBroker
from services.runtime.topics import TopicMismatch, ensure_topics
from tests.brokers.fixtures import Broker
from tests.credentials import credentials_in
from tests.integration.ingest.running import NOW, Running, call, catalogue, events, running, settings_for

TOPIC = "sales.call.v1"
KIB = 1 << 10


async def test_a_body_past_the_limit_is_413_while_it_is_read(embedded_broker: Broker, tmp_path: Path) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1000 * KIB:
            sent += KIB
            yield b" " * KIB
            await asyncio.sleep(0)

    async with running(embedded_broker, tmp_path, ingest_max_body_bytes=64 * KIB) as ingest:
        stated = await ingest.send("sales.call", b" " * 65 * KIB)
        assert stated.status_code == 413
        packed = gzip.compress(b" " * 8000 * KIB)
        assert len(packed) < 64 * KIB
        assert (await ingest.send("sales.call", packed, Content_Encoding="gzip")).status_code == 413
        try:
            streamed = await ingest.http.post(
                "/v1/streams/sales.call/events", content=endless(), headers={"Content-Type": "application/json"}
            )
        except httpx2.TransportError:
            # Answered and closed while the body was still being sent.
            assert sent < 1000 * KIB
        else:
            assert streamed.status_code == 413
        assert (await ingest.send("sales.call", [call(f"c{n}") for n in range(100)])).status_code == 202


async def test_where_credentials_are_set_nobody_else_comes_in(embedded_broker: Broker, tmp_path: Path) -> None:
    token, file = credentials_in(tmp_path, "events:write", name="crm")
    async with running(embedded_broker, tmp_path, credentials_file=file) as ingest:
        assert (await ingest.send("sales.call", call("c1"))).status_code == 401
        assert (
            await ingest.send("sales.call", call("c1"), Authorization="Bearer something-else-entirely")
        ).status_code == 401
        assert (await ingest.http.get("/metrics")).status_code == 401
        mine = {"Authorization": f"Bearer {token}"}
        assert (await ingest.http.get("/metrics", headers=mine)).status_code == 403
        refused = await ingest.send("kpi.target", [{"id": "t", "time": NOW, "kpi": "bookings"}], **mine)
        assert (refused.status_code, "kpis:approve" in refused.text) == (403, True)
        told = {"specversion": "1.0", "source": "x", "time": NOW}
        said = [{**told, "type": "sales.call.v1", "id": "c0", "data": call("c0")}]
        said += [{**told, "type": "kpi.value.v1", "id": "v", "data": {}}]
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        refused = await ingest.http.post("/v1/events", content=orjson.dumps(said), headers=mine | kind)
        assert (refused.status_code, "kpis:record" in refused.text) == (403, True)
        batch = [call("c1"), call("c2", source="shop"), call("c3", source=None)]
        assert (await ingest.send("sales.call", batch, **mine)).status_code == 202
        assert sorted(event["source"] for event in await events(ingest.kafka, TOPIC)) == ["crm", "crm", "shop"]


async def test_while_kafka_is_away_it_says_so_at_once_and_recovers(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path / "broker.log")
    await broker.start()
    known = Broker("embedded", broker.address, transactions=False, connection=None)  # type: ignore[arg-type]
    async with running(known, tmp_path) as ingest:
        os.kill(broker.pid, signal.SIGKILL)
        await broker.stop()
        async with asyncio.timeout(20):
            while (await ingest.http.get("/readyz")).status_code == 200:
                await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            answer = await ingest.send("sales.call", call("c1"))
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["type"] == "urn:kpi:problem:kafka-unavailable"
        assert (await ingest.http.get("/livez")).status_code == 200
        again = EmbeddedBroker(tmp_path / "again.log", int(broker.address.rpartition(":")[2]))
        async with again:
            assert again.address == broker.address
            await ingest.ready()
            async with asyncio.timeout(20):
                while (await ingest.send("sales.call", call("c1"))).status_code != 202:
                    await asyncio.sleep(0.1)


async def test_it_starts_before_kafka_does(embedded_broker: Broker, tmp_path: Path) -> None:
    nobody = Broker("embedded", "127.0.0.1:9", transactions=False, connection=embedded_broker.connection)
    async with running(nobody, tmp_path, wait=False) as ingest:
        async with asyncio.timeout(20):
            while True:
                try:
                    answer = await ingest.send("sales.call", call("c1"))
                    break
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)
        assert answer.status_code == 503
        ready = await ingest.http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["reasons"] == ["Kafka does not answer"]


async def test_a_stalled_kafka_fills_the_buffer_and_no_more(embedded_broker: Broker, tmp_path: Path) -> None:
    async with running(embedded_broker, tmp_path, ingest_buffer_limit=64 * KIB) as ingest:
        pid = await broker_pid(embedded_broker)
        os.kill(pid, signal.SIGSTOP)
        try:
            batch = [call(f"c{number}") for number in range(60)]
            async with asyncio.timeout(25):
                answers = await asyncio.gather(*(ingest.send("sales.call", batch) for _ in range(20)))
            kinds = {answer.json()["type"].rpartition(":")[2] for answer in answers}
            assert {answer.status_code for answer in answers} == {503}
            assert kinds == {"buffer-full", "kafka-unavailable"}
            assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
            # What nobody waits for any more is let go, but for what is under way.
            assert await buffered(ingest) <= 64 * KIB / 3
        finally:
            os.kill(pid, signal.SIGCONT)
        await ingest.ready()
        async with asyncio.timeout(20):
            while (await ingest.send("sales.call", batch)).status_code != 202:
                await asyncio.sleep(0.1)
            while await buffered(ingest):
                await asyncio.sleep(0.1)


async def test_the_embedded_brokers_memory_limit_closes_the_door(embedded_broker: Broker, tmp_path: Path) -> None:
    pid = await broker_pid(embedded_broker)
    write_addresses(tmp_path, Addresses(broker=embedded_broker.bootstrap, pids={"broker": pid}))
    async with running(
        embedded_broker, tmp_path, wait=False, kafka_bootstrap_servers=None, embedded_memory_limit=KIB
    ) as ingest:
        async with asyncio.timeout(20):
            while True:
                try:
                    answer = await ingest.send("sales.call", call("c1"))
                    break
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)
        assert answer.status_code == 503
        assert "KPI_EMBEDDED_MEMORY_LIMIT" in answer.json()["detail"]
        assert (await ingest.http.get("/readyz")).status_code == 503


async def test_a_topic_declared_otherwise_ends_the_start(embedded_broker: Broker, tmp_path: Path) -> None:
    await ensure_topics(embedded_broker.connection, [TopicSpec(TOPIC, 7)], 1)
    with pytest.raises(TopicMismatch, match="has 7, declared are 4"):
        await asyncio.wait_for(root.run(settings_for(embedded_broker, tmp_path), catalogue(), asyncio.Event()), 20)


async def test_a_slow_body_is_not_waited_for_for_ever(
    embedded_broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ingest.bodies.READ_SECONDS", 0.3)

    async def slow() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.sleep(1.5)
        yield b"]"

    async with running(embedded_broker, tmp_path) as ingest:
        headers = {"Content-Type": "application/json"}
        try:
            answer = await ingest.http.post("/v1/streams/sales.call/events", content=slow(), headers=headers)
        except httpx2.TransportError:
            return
        assert answer.status_code == 408


async def test_the_document_states_every_answer(embedded_broker: Broker, tmp_path: Path) -> None:
    async with running(embedded_broker, tmp_path) as ingest:
        document = (await ingest.http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/streams/{stream}/events"]["post"]
    assert operation["operationId"] == "send_events"
    assert {"202", "401", "404", "413", "415", "422", "503"} <= operation["responses"].keys()
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    example = operation["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
    async with running(embedded_broker, tmp_path) as ingest:
        answer = await ingest.send("sales.call", {**example, "time": "2025-10-09T00:00:00Z"})
        assert answer.status_code == 202, orjson.dumps(answer.json())


async def buffered(ingest: Running) -> float:
    """Bytes of events that it holds, by its own account."""
    lines = (await ingest.http.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("kpi_ingest_buffered_bytes "))


async def broker_pid(broker: Broker) -> int:
    """The process that listens on the broker's port."""
    port = int(broker.bootstrap.rpartition(":")[2])
    for process in psutil.Process().children(recursive=True):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return process.pid
    raise AssertionError("the embedded broker is no child of this process")
