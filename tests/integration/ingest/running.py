"""Ingest as it runs, for tests, and what then stands on Kafka."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from schemas.kpis import Catalogue
from schemas.streams import Stream
from services.ingest import root
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection
from services.runtime.ports import free_port
from services.runtime.settings import Settings
from tests.brokers.fixtures import Broker
from tests.corpus.records import corpus

NOW = corpus().appended
CALL = {
    "id": "c1", "time": NOW, "call_id": "c1", "rep_id": "r1", "team": "north",
    "direction": "out", "outcome": "connected", "duration_s": 60,
}  # fmt: skip


def catalogue() -> Catalogue:
    """The shipped catalogue, the corpus' stream, and one without a key."""
    shipped = load([])
    keyless = Stream.model_validate({"stream": "test.keyless", "fields": {"place": "string?"}, "partitions": 3})
    own = {stream.stream: stream for stream in (corpus().stream, keyless)}
    return shipped.model_copy(update={"streams": {**shipped.streams, **own}})


def call(name: str, **changes: Any) -> dict[str, Any]:
    """A valid `sales.call` event."""
    return {**CALL, "id": name, "call_id": name, **changes}


@dataclass(frozen=True)
class Running:
    """A started ingest."""

    http: httpx2.AsyncClient
    kafka: KafkaConnection
    stop: asyncio.Event

    async def send(self, stream: str, events: object, **headers: str) -> httpx2.Response:
        """POST JSON."""
        content = {
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        body = events if isinstance(events, bytes) else orjson.dumps(events)
        return await self.http.post(f"/v1/streams/{stream}/events", content=body, headers=content)

    async def ready(self) -> None:
        """Return once `/readyz` says so."""
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(httpx2.TransportError):
                    if (await self.http.get("/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)


def settings_for(broker: Broker, folder: Path, **changes: Any) -> Settings:
    """Settings of an ingest on a free port."""
    values = {"ingest_port": free_port("127.0.0.1", 0), "kafka_bootstrap_servers": broker.bootstrap, **changes}
    return Settings(data_dir=folder, **values)


@contextlib.asynccontextmanager
async def running(broker: Broker, folder: Path, *, wait: bool = True, **changes: Any) -> AsyncIterator[Running]:
    """Ingest on this broker, with its clock at `NOW`, until the end of the context."""
    settings = settings_for(broker, folder, **changes)
    stop = asyncio.Event()
    task = asyncio.create_task(root.run(settings, catalogue(), stop, lambda: NOW))
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.ingest_port}", trust_env=False, timeout=30
    ) as http:
        started = Running(http, broker.connection, stop)
        try:
            if wait:
                await started.ready()
            yield started
        finally:
            stop.set()
            await task


async def records(kafka: KafkaConnection, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic, by partition and offset; what no transaction committed is not there."""
    options = {**kafka.client_options(), "isolation_level": "read_committed", "auto_offset_reset": "earliest"}
    consumer = AIOKafkaConsumer(topic, **options)
    await consumer.start()
    try:
        # Without a group all partitions are ours as soon as the topic is known.
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for batch in (await consumer.getmany(partition, timeout_ms=200)).values():
                    found.extend(batch)
        return found
    finally:
        await consumer.stop()


async def events(kafka: KafkaConnection, topic: str) -> list[dict[str, Any]]:
    """The parsed values of a topic."""
    return [orjson.loads(record.value) for record in await records(kafka, topic)]
