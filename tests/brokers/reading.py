"""Topics as an independent reader sees them: what is committed, from the beginning."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.runtime.kafka import KafkaConnection

POLL_MS = 200
FETCH_BYTES = 8 << 20


async def committed(
    kafka: KafkaConnection, topic: str, partitions: int, *, patient: bool = False
) -> AsyncIterator[list[ConsumerRecord]]:
    """Every committed record of a topic up to its present end, in the order of each partition; a list is of one.

    `patient`: what is still open at the very end is waited for, too: a commit is confirmed before its markers are
    written.
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
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                yield records
    finally:
        await consumer.stop()
