"""Where the logs of topics end."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

PROBE_MS = 500


async def log_ends(consumer: AIOKafkaConsumer, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Where these logs end, which were read up to `positions`. The consumer is assigned to them, and moved.

    Asked for the end, the embedded broker tells where its last batch begins: an end that lies before the position is
    not believed until records were fetched there.
    """
    ends: dict[TopicPartition, int] = await consumer.end_offsets(list(positions))
    for place, position in positions.items():
        if ends[place] < position:
            consumer.seek(place, max(ends[place] - 1, 0))
            await consumer.getmany(place, timeout_ms=PROBE_MS)
            ends[place] = max(ends[place], consumer.highwater(place) or 0)
    return ends
