"""Topics as an independent reader sees them: what is committed, from the beginning."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.runtime.kafka import KafkaConnection

POLL_MS = 200
FETCH_BYTES = 8 << 20
OPEN_SECONDS = 90.0
"""A transaction that the broker lost from sight is ended by a worker after 20 s; a broker may be on its way up."""


async def committed(
    kafka: KafkaConnection, topic: str, partitions: int, *, patient: bool = False
) -> AsyncIterator[list[ConsumerRecord]]:
    """Every committed record of a topic up to its present end, in the order of each partition; a list is of one.

    `patient`: what is still open at the very end is waited for, too, while a writer lives that ends it: a commit is
    confirmed before its markers are written. Raises `TimeoutError` where that takes longer than `OPEN_SECONDS`.
    """
    places = [TopicPartition(topic, number) for number in range(partitions)]
    isolation = "read_uncommitted" if patient else "read_committed"
    async with AIOKafkaConsumer(
        **kafka.client_options(), enable_auto_commit=False, isolation_level=isolation
    ) as asking:
        ends = await asking.end_offsets(places)
    consumer = AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    clock = asyncio.get_running_loop().time
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        until = clock() + OPEN_SECONDS
        while behind := [place for place in places if await consumer.position(place) < ends[place]]:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                yield records
                until = clock() + OPEN_SECONDS
            if clock() > until:
                raise TimeoutError(f"nothing more of {topic} is committed, and {behind} are not at their ends {ends}")
    finally:
        await consumer.stop()
