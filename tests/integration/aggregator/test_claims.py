"""How a task is claimed on Apache Kafka."""

import asyncio
import gc

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from kpi.tasks.leaving import DeadLetter
from kpi.tasks.task import Flush
from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES, TopicSpec, dead_topic
from schemas.wire import Claim, decode
from services.aggregator.writing import WriterFactory
from services.runtime.kafka import KafkaConnection, capabilities
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker

TASK = "ticket/1"


async def _claims(kafka: KafkaConnection, isolation: str) -> list[tuple[int, str]]:
    """The offset and incarnation of every claim on the task's partition."""
    place = TopicPartition(PANES, 1)
    consumer = AIOKafkaConsumer(**kafka.client_options(), isolation_level=isolation, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end, found = (await consumer.end_offsets([place]))[place], []
        while await consumer.position(place) < end:
            for message in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
                record = decode(message.key, message.value)
                assert isinstance(record, Claim)
                found.append((message.offset, record.incarnation))
    finally:
        await consumer.stop()
    return found


async def test_what_an_earlier_owner_left_open_is_given_up_before_anything_is_committed(kafka_broker: Broker) -> None:
    kafka = kafka_broker.connection
    await ensure_topics(kafka, [TopicSpec(PANES, PANES_PARTITIONS, compacted=True)], 1)
    writer = WriterFactory(kafka, await capabilities(kafka)).writer(TASK, 1)
    try:
        offset = await writer.claim(Claim(TASK, "new", 0))
    finally:
        await writer.close()
    # On the task's own partition, an end of ours lies before the claim: whatever was open ends there, uncounted.
    assert await _claims(kafka, "read_uncommitted") == [(0, "new"), (offset, "new")]
    assert await _claims(kafka, "read_committed") == [(offset, "new")]


async def test_an_owner_that_is_shut_out_hears_of_it_once(kafka_broker: Broker) -> None:
    kafka = kafka_broker.connection
    dead = [DeadLetter(f"stream.{place % 8}", "topic", 1, place, b"x" * 20_000, "no JSON", "") for place in range(400)]
    topics = [TopicSpec(PANES, PANES_PARTITIONS, compacted=True)]
    await ensure_topics(kafka, topics + [TopicSpec(dead_topic(f"stream.{place}"), 8) for place in range(8)], 1)
    factory = WriterFactory(kafka, await capabilities(kafka))
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    earlier, later = factory.writer(TASK, 1), factory.writer(TASK, 1)
    try:
        await earlier.claim(Claim(TASK, "earlier", 0))
        await later.claim(Claim(TASK, "later", 0))
        with pytest.raises(ProducerFenced):
            await earlier.prepare(Flush(1, [], dead, [], [], [], []))
    finally:
        await earlier.close()
        await later.close()
    gc.collect()
    assert unheard == []


async def test_a_write_ends_with_its_writer(kafka_broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = kafka_broker.connection
    await ensure_topics(kafka, [TopicSpec(PANES, PANES_PARTITIONS, compacted=True)], 1)
    writer = WriterFactory(kafka, await capabilities(kafka), seconds=600.0).writer(TASK, 1)
    claim, committing = Claim(TASK, "owner", 0), asyncio.Event()

    async def unanswered(_: AIOKafkaProducer) -> None:
        committing.set()
        await asyncio.Event().wait()

    await writer.claim(claim)
    monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", unanswered)
    writing = asyncio.ensure_future(writer.write(Flush(1, [claim], [], [], [], [], [])))
    await committing.wait()
    await writer.close()
    with pytest.raises(TimeoutError):
        await writing
