"""Faust enters a secured broker with the same connection as everything else."""

import asyncio
from pathlib import Path

import faust
from faust.types import StreamT

from schemas.topics import TopicSpec
from services.runtime.faust_broker import faust_credentials, faust_urls
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import SecuredBroker

TOPIC = "support.contact.v1"


async def test_an_agent_reads_from_a_secured_broker(secured_broker: SecuredBroker, tmp_path: Path) -> None:
    connection = secured_broker.connection
    await ensure_topics(connection, [TopicSpec(TOPIC, 1)], 1)
    async with make_producer(connection, await capabilities(connection)) as producer:
        await producer.send_and_wait(TOPIC, b"a contact")

    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    app = faust.App(
        "secured",
        broker=faust_urls(connection),
        broker_credentials=faust_credentials(connection),
        datadir=tmp_path,
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
    )

    @app.agent(app.topic(TOPIC, value_type=bytes, value_serializer="raw"))
    async def agent(stream: StreamT[bytes]) -> None:
        async for value in stream:
            received.set_result(value)

    async with app:
        assert await asyncio.wait_for(received, 30) == b"a contact"


def test_an_open_broker_needs_no_credentials() -> None:
    connection = KafkaConnection("127.0.0.1:1, 127.0.0.1:2")
    assert faust_credentials(connection) is None
    assert faust_urls(connection) == ["aiokafka://127.0.0.1:1", "aiokafka://127.0.0.1:2"]
