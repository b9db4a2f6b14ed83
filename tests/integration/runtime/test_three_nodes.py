"""With three copies of each topic, one node may fail: no confirmed record is lost, and writing goes on."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import TopicSpec
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.topics import ensure_topics
from tests.brokers.cluster import KafkaCluster

TOPIC = TopicSpec("sales.deal.v1", 3)
RECORDS = 60


async def test_a_killed_node_loses_nothing(three_nodes: tuple[KafkaCluster, KafkaConnection]) -> None:
    cluster, connection = three_nodes
    await ensure_topics(connection, [TOPIC], 3)
    async with make_producer(connection, await capabilities(connection)) as producer:
        for number in range(RECORDS):
            if number == RECORDS // 2:
                await asyncio.to_thread(cluster.nodes[0].kill)
            confirmed = producer.send_and_wait(TOPIC.name, str(number).encode(), partition=number % TOPIC.partitions)
            await asyncio.wait_for(confirmed, 30)

    partitions = [TopicPartition(TOPIC.name, number) for number in range(TOPIC.partitions)]
    async with AIOKafkaConsumer(**connection.client_options(), enable_auto_commit=False) as consumer:
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        found = [int((await asyncio.wait_for(consumer.getone(), 30)).value) for _ in range(RECORDS)]
    assert sorted(found) == list(range(RECORDS))
