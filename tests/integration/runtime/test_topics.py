"""Topics are created as declared, and never silently taken when they differ."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.topics import PANES, TopicSpec
from services.runtime.kafka import KafkaConnection, KafkaUnavailable
from services.runtime.ports import free_port
from services.runtime.topics import TopicMismatch, TopicNotCreated, ensure_topics
from tests.brokers.fixtures import Broker

CALLS = TopicSpec("sales.call.v1", 3)
DAY = 86_400_000


async def _configuration(connection: KafkaConnection, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(**connection.client_options())
    try:
        await admin.start()
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    return {entry[0]: entry[1] for entry in answers[0].resources[0][4]}


async def _partitions(connection: KafkaConnection) -> dict[str, int]:
    admin = AIOKafkaAdminClient(**connection.client_options())
    try:
        await admin.start()
        topics = await admin.describe_topics()
        # The broker's own come and go with what others do on it.
        return {each["topic"]: len(each["partitions"]) for each in topics if not each["topic"].startswith("__")}
    finally:
        await admin.close()


async def test_missing_topics_are_created_once(broker: Broker) -> None:
    panes = TopicSpec(PANES, 2, compacted=True)
    assert (await ensure_topics(broker.connection, [CALLS, panes], 1)).created == (CALLS.name, PANES)
    found = await _partitions(broker.connection)
    assert (found[CALLS.name], found[PANES]) == (3, 2)
    again = await ensure_topics(broker.connection, [CALLS, panes, TopicSpec("new.v1", 1)], 1)
    assert (again.created, again.widened) == (("new.v1",), {})


async def test_topics_have_the_declared_configuration(kafka_broker: Broker) -> None:
    panes, late = TopicSpec(PANES, 1, compacted=True), TopicSpec("sales.call.late.v1", 1, retention_ms=DAY)
    await ensure_topics(kafka_broker.connection, [CALLS, panes, late], 1)
    calls = await _configuration(kafka_broker.connection, CALLS.name)
    assert (calls["retention.ms"], calls["cleanup.policy"]) == ("-1", "delete")
    assert calls["message.timestamp.type"] == "LogAppendTime"
    compacted = await _configuration(kafka_broker.connection, PANES)
    assert (compacted["cleanup.policy"], compacted["segment.ms"]) == ("compact", "3600000")
    assert (await _configuration(kafka_broker.connection, late.name))["retention.ms"] == str(DAY)


async def test_other_partition_counts_are_refused_before_anything_is_created(broker: Broker) -> None:
    await ensure_topics(broker.connection, [CALLS], 1)
    with pytest.raises(TopicMismatch, match=r"sales\.call\.v1 has 3, declared are 5") as refused:
        await ensure_topics(broker.connection, [TopicSpec("new.v1", 1), TopicSpec(CALLS.name, 5)], 1)
    assert refused.value.mismatches == {CALLS.name: (5, 3)}
    assert "new.v1" not in await _partitions(broker.connection)


async def test_declared_partitions_are_added_where_nothing_depends_on_where_a_record_lies(broker: Broker) -> None:
    first, wider = TopicSpec(CALLS.name, 3, widens=True), TopicSpec(CALLS.name, 5, widens=True)
    await ensure_topics(broker.connection, [first], 1)
    if broker.kind == "embedded":
        with pytest.raises(TopicNotCreated, match="cannot add partitions to sales"):
            await ensure_topics(broker.connection, [wider], 1)
        return
    done = await asyncio.gather(*(ensure_topics(broker.connection, [wider], 1) for _ in range(2)))
    assert {CALLS.name: 5} in [each.widened for each in done]
    assert await _partitions(broker.connection) == {CALLS.name: 5}
    assert (await ensure_topics(broker.connection, [wider], 1)).widened == {}
    with pytest.raises(TopicMismatch, match=r"sales\.call\.v1 has 5, declared are 3"):
        await ensure_topics(broker.connection, [first], 1)


async def test_two_services_may_create_the_same_topics_at_once(broker: Broker) -> None:
    specs = [TopicSpec(f"stream.{number}.v1", 1) for number in range(10)]
    first, second = await asyncio.gather(*(ensure_topics(broker.connection, specs, 1) for _ in range(2)))
    assert sorted(first.created + second.created) == sorted(spec.name for spec in specs)


async def test_replication_that_the_cluster_cannot_give_is_refused(kafka_broker: Broker) -> None:
    with pytest.raises(TopicNotCreated, match=CALLS.name):
        await ensure_topics(kafka_broker.connection, [CALLS], 3)


async def test_one_name_in_two_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="declared in two ways"):
        await ensure_topics(KafkaConnection("127.0.0.1:1"), [CALLS, TopicSpec(CALLS.name, 4)], 1)


async def test_absent_broker_is_named() -> None:
    with pytest.raises(KafkaUnavailable):
        await ensure_topics(KafkaConnection(f"127.0.0.1:{free_port('127.0.0.1', 0)}"), [CALLS], 1)
