"""Sending a load, quicker than any service would: whole record batches, at a steady pace or as fast as it goes."""

import asyncio
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from services.runtime.kafka import KafkaConnection
from tests.chaos.load import Message

AT_ONCE = 20_000
TICK_SECONDS = 0.05
SHARE_AT_ONCE = 0.01
RETRY_SECONDS = 0.5
BATCH_BYTES = 256 << 10
PATIENCE_MS = 600_000
"""A producer of the load outlives every outage: what it gave up would not be known to the oracle."""

Due = Callable[[int], int]
"""How many messages are due by now, where so many are sent."""


async def send(kafka: KafkaConnection, messages: Sequence[Message], due: Due | None = None) -> None:
    """Sends messages, in order within each partition; returns when all are confirmed. Without `due`, all at once."""
    producer = await _started(kafka)
    waiting: set[asyncio.Future[object]] = set()
    sent = 0
    try:
        while sent < len(messages):
            end = min(len(messages), sent + AT_ONCE, sent + AT_ONCE if due is None else due(sent))
            if end > sent:
                confirmations = await _batches(producer, messages[sent:end])
                waiting.update(confirmations)
                for confirmed in confirmations:
                    confirmed.add_done_callback(waiting.discard)
                sent = end
            if due is None:
                await asyncio.gather(*waiting)
            else:
                await asyncio.sleep(TICK_SECONDS)
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def _started(kafka: KafkaConnection) -> AIOKafkaProducer:
    while True:
        producer = AIOKafkaProducer(
            **kafka.client_options(),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=PATIENCE_MS,
        )
        try:
            await producer.start()
            return producer
        except KafkaConnectionError:
            await producer.stop()
            await asyncio.sleep(RETRY_SECONDS)


class Feed:
    """Sends messages in a thread of its own, evenly over so many seconds; but while what is to go wrong takes longer,
    there is always something left to be sent.
    """

    def __init__(self, kafka: KafkaConnection, messages: Sequence[Message], seconds: float) -> None:
        self._messages = messages
        self._pace = len(messages) / seconds
        self._allowed = float(len(messages))
        self._hurried = False
        self._began = time.monotonic()
        self._failure: BaseException | None = None
        # A run that fails does not finish it.
        self._thread = threading.Thread(target=self._run, args=(kafka,), daemon=True)

    def start(self) -> None:
        """Begins."""
        self._began = time.monotonic()
        self._thread.start()

    def allow(self, share: float) -> None:
        """Up to this share of the messages may be sent."""
        self._allowed = len(self._messages) * share

    def finish(self) -> None:
        """Sends all that is left, as fast as it goes. Raises what kept it from that."""
        self._hurried = True
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self, kafka: KafkaConnection) -> None:
        try:
            asyncio.run(send(kafka, self._messages, self._due))
        except BaseException as error:  # noqa: BLE001 (handed to whoever finishes it)
            self._failure = error

    def _due(self, sent: int) -> int:
        if self._hurried:
            return len(self._messages)
        left = self._allowed - sent
        return min(int((time.monotonic() - self._began) * self._pace), sent + math.ceil(left * SHARE_AT_ONCE))


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
