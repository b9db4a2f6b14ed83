"""The end of a log is told right, also where a broker's first answer is too low and its next is slow."""

import asyncio
import os
import signal

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import TopicSpec
from services.aggregator.log_ends import log_ends
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker
from tests.integration.ingest.test_limits import broker_pid

TOPIC = "shop.sale.v1"
PLACE = TopicPartition(TOPIC, 0)
RECORDS = 7


async def written(kafka: KafkaConnection) -> None:
    """Records in one batch."""
    await ensure_topics(kafka, [TopicSpec(TOPIC, 1)], 1)
    async with make_producer(kafka, await capabilities(kafka)) as producer:
        batch = producer.create_batch()
        for number in range(RECORDS):
            batch.append(key=None, value=b"%d" % number, timestamp=None)
        await (await producer.send_batch(batch, TOPIC, partition=0))


async def end_for(kafka: KafkaConnection, position: int) -> int:
    """The end, for one who has read up to `position`."""
    consumer = AIOKafkaConsumer(**kafka.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([PLACE])
        return (await log_ends(consumer, {PLACE: position}))[PLACE]
    finally:
        await consumer.stop()


async def test_the_end_is_after_the_last_record(broker: Broker) -> None:
    await written(broker.connection)
    assert await end_for(broker.connection, RECORDS) == RECORDS
    assert await end_for(broker.connection, RECORDS + 1) == RECORDS


async def test_an_end_that_is_too_low_is_not_believed_because_the_broker_is_slow(embedded_broker: Broker) -> None:
    kafka = embedded_broker.connection
    await written(kafka)
    pid = await broker_pid(embedded_broker)
    consumer = AIOKafkaConsumer(**kafka.client_options(), enable_auto_commit=False)
    await consumer.start()
    try:
        told: dict[TopicPartition, int] = await consumer.end_offsets([PLACE])
        assert told[PLACE] < RECORDS, "this broker tells the end at once"
        os.kill(pid, signal.SIGSTOP)

        async def at_once(_: list[TopicPartition]) -> dict[TopicPartition, int]:
            return told

        consumer.end_offsets = at_once
        consumer.assign([PLACE])
        asking = asyncio.ensure_future(log_ends(consumer, {PLACE: RECORDS}))
        await asyncio.wait({asking}, timeout=3)
        os.kill(pid, signal.SIGCONT)
        assert (await asking)[PLACE] == RECORDS
    finally:
        os.kill(pid, signal.SIGCONT)
        await consumer.stop()
