"""Where a log has no record: what markers of transactions and retention leave."""

import asyncio

import structlog
from aiokafka import TopicPartition

from kpi.tasks.task import Task
from services.aggregator.fetching import reader
from services.runtime.kafka import KafkaConnection

log = structlog.get_logger(__name__)

PROBE_MS = 100
ANSWER_SECONDS = 5.0


async def holds_records(kafka: KafkaConnection, topic: str, partition: int, start: int, stop: int) -> bool:
    """Whether a source holds a record from `start` up to `stop`.

    Markers of transactions are none, nor is what they gave up, or what retention or compaction removed.
    Raises TimeoutError where a transaction that is still open, or a partition without a leader, leaves it unsaid.
    """
    async with asyncio.timeout(ANSWER_SECONDS):
        return await _holds_records(kafka, TopicPartition(topic, partition), start, stop)


async def _holds_records(kafka: KafkaConnection, place: TopicPartition, start: int, stop: int) -> bool:
    consumer = reader(kafka)
    try:
        await consumer.start()
        consumer.assign([place])
        consumer.seek(place, start)
        while True:
            fetched = (await consumer.getmany(place, timeout_ms=PROBE_MS)).get(place, [])
            if fetched:
                first: int = fetched[0].offset
                return first < stop
            if await consumer.position(place) >= stop:
                return False
    finally:
        await consumer.stop()


def count_lost(task: Task, topic: str, position: int, beginning: int) -> None:
    """Records from `position` up to the log's `beginning` were to be read, and are gone: retention was quicker.

    What was there before the task first read the topic is none of its business.
    """
    source = task.sources[topic]
    if source.position == position < beginning and (position > 0 or source.is_known):
        task.miss(topic, beginning - position)
        log.warning(
            "records were removed before they were read: the topic's retention is too short",
            task=task.name,
            topic=topic,
            records=beginning - position,
        )
