"""Where the logs of topics end."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

PROBE_MS = 500
PROBE_SECONDS = 5.0
ANSWER_SECONDS = 60.0


async def log_ends(consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Where these logs end, which were read up to `positions`. The consumer is assigned to them, and moved.

    Asked for the end, the embedded broker tells where its last batch begins: an end that lies before the position is
    not believed until records were fetched there. Raises TimeoutError where nothing can be fetched.
    """
    ends: dict[TopicPartition, int] = await consumer.end_offsets(list(positions))
    for place, position in positions.items():
        if ends[place] < position:
            consumer.seek(place, max(ends[place] - 1, 0))
            async with asyncio.timeout(ANSWER_SECONDS):
                ends[place] = max(ends[place], await _fetched_end(consumer, place, position))
    return ends


async def _fetched_end(consumer: AIOKafkaConsumer, place: TopicPartition, position: int) -> int:
    """The end as a fetch tells it: one of now, unless it is at `position` or after it. A slow broker is waited for."""
    loop = asyncio.get_running_loop()
    patient = loop.time() + PROBE_SECONDS
    while True:
        records = await consumer.getmany(place, timeout_ms=PROBE_MS)
        end: int | None = consumer.highwater(place)
        # Where only markers are left, no record ever comes.
        if end is not None and (end >= position or records or loop.time() >= patient):
            return end
