"""What the broker says of its topics."""

from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import TopicSpec
from services.runtime.kafka import KafkaConnection
from services.runtime.topic_ids import found_topics
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker

CALLS = TopicSpec("sales.call.v1", 3)


async def _delete(kafka: KafkaConnection, name: str) -> None:
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        await admin.delete_topics([name])
    finally:
        await admin.close()


async def test_a_topic_made_anew_has_another_id(broker: Broker) -> None:
    await ensure_topics(broker.connection, [CALLS, TopicSpec("web.click.v1", 1)], 1)
    first = await found_topics(broker.connection)
    assert first is not None
    assert {name: topic.partitions for name, topic in first.items()} == {CALLS.name: 3, "web.click.v1": 1}
    assert len({topic.topic_id for topic in first.values()} - {None}) == 2
    assert await found_topics(broker.connection) == first
    await _delete(broker.connection, CALLS.name)
    await ensure_topics(broker.connection, [CALLS], 1)
    second = await found_topics(broker.connection)
    assert second is not None
    assert second[CALLS.name].topic_id != first[CALLS.name].topic_id
    assert second["web.click.v1"] == first["web.click.v1"]


async def test_asking_makes_no_topic(broker: Broker) -> None:
    assert await found_topics(broker.connection) == {}
