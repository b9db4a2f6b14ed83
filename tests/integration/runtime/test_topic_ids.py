"""What the broker says of its topics."""

from schemas.topics import TopicSpec
from services.runtime.kafka import KafkaConnection
from services.runtime.topic_ids import FoundTopic, found_topics
from services.runtime.topics import ensure_topics
from tests.brokers.deleting import delete_topic
from tests.brokers.fixtures import Broker

CALLS = TopicSpec("sales.call.v1", 3)


async def _found(kafka: KafkaConnection) -> dict[str, FoundTopic] | None:
    """Without the broker's own, which other tests may have made it create."""
    found = await found_topics(kafka)
    return None if found is None else {name: topic for name, topic in found.items() if not name.startswith("__")}


async def test_a_topic_made_anew_has_another_id(broker: Broker) -> None:
    await ensure_topics(broker.connection, [CALLS, TopicSpec("web.click.v1", 1)], 1)
    first = await _found(broker.connection)
    assert first is not None
    assert {name: topic.partitions for name, topic in first.items()} == {CALLS.name: 3, "web.click.v1": 1}
    assert len({topic.topic_id for topic in first.values()} - {None}) == 2
    assert await _found(broker.connection) == first
    await delete_topic(broker.connection, CALLS.name)
    await ensure_topics(broker.connection, [CALLS], 1)
    second = await _found(broker.connection)
    assert second is not None
    assert second[CALLS.name].topic_id != first[CALLS.name].topic_id
    assert second["web.click.v1"] == first["web.click.v1"]


async def test_asking_makes_no_topic(broker: Broker) -> None:
    assert await _found(broker.connection) == {}
