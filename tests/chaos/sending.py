"""Sending a load, quicker than any service would: whole record batches, at a steady pace or as fast as it goes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer

from services.runtime.kafka import KafkaConnection
from tests.chaos.load import Message

AT_ONCE = 20_000
TICK_SECONDS = 0.05
BATCH_BYTES = 256 << 10
PATIENCE_MS = 600_000
"""A producer of the load outlives every outage: what it gave up would not be known to the oracle."""

Going = Callable[[], bool]


async def send(
    kafka: KafkaConnection, messages: Sequence[Message], over: float = 0.0, going: Going = lambda: True
) -> int:
    """Sends messages evenly over so many seconds, in order within each partition; how many were confirmed.

    Ends early once it is no longer `going`.
    """
    producer = AIOKafkaProducer(
        **kafka.client_options(),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        request_timeout_ms=PATIENCE_MS,
    )
    await producer.start()
    sent, began = 0, time.monotonic()
    pace = len(messages) / over if over else 0.0
    waiting: set[asyncio.Future[object]] = set()
    try:
        while sent < len(messages) and going():
            due = min(len(messages), int((time.monotonic() - began) * pace) if pace else sent + AT_ONCE)
            for confirmed in await _batches(producer, messages[sent : min(due, sent + AT_ONCE)]):
                waiting.add(confirmed)
                confirmed.add_done_callback(waiting.discard)
            sent = max(sent, min(due, sent + AT_ONCE))
            if pace:
                await asyncio.sleep(TICK_SECONDS)
            elif waiting:
                await asyncio.gather(*waiting)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
    return sent


async def _batches(producer: AIOKafkaProducer, messages: Sequence[Message]) -> list[asyncio.Future[object]]:
    parts: dict[tuple[str, int], list[Message]] = defaultdict(list)
    for message in messages:
        parts[message.topic, message.partition].append(message)
    confirmations = []
    for (topic, partition), part in parts.items():
        batch = producer.create_batch()
        for message in part:
            # The client refuses a record that has neither key nor value.
            key = b"" if message.key is None and message.value is None else message.key
            if batch.append(key=key, value=message.value, timestamp=None) is None:
                batch.close()
                confirmations.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=message.value, timestamp=None)
        batch.close()
        confirmations.append(await producer.send_batch(batch, topic, partition=partition))
    return confirmations
