"""Keeps the view up to date with the panes topic, and with what people record."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from schemas.wire import UnknownEncoding
from services.api.assembly import Assembly
from services.api.recording import Recording
from services.api.view import View
from services.runtime.clock import Clock
from services.runtime.kafka import BrokerCapabilities, KafkaConnection

Result = TypeVar("Result")

POLL_MS = 200
MOST_RECORDS = 2_000
FETCH_BYTES = 8 << 20
HEARTBEAT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
RETRY_SECONDS = 1.0

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the view is behind the panes topic. `heard`: the last moment of which it holds all that was whole by then
    (epoch milliseconds; 0: none).
    """

    recovered: bool
    lag_records: int
    heard: int
    trouble: str | None

    def staleness(self, now: int) -> float | None:
        """Seconds since the view was known to hold everything; None before it ever did."""
        return max(now - self.heard, 0) / 1000 if self.recovered else None


@dataclass(frozen=True, slots=True)
class _Probe:
    """Where the log ended when the broker was asked, at `asked` (epoch milliseconds)."""

    asked: int
    ends: Mapping[TopicPartition, int]


class Feed:
    """Reads the panes topic, committed records only, and applies whole flushes; and what people record, from the
    beginning. `changed` is called after each time.
    """

    def __init__(
        self,
        kafka: KafkaConnection,
        broker: BrokerCapabilities,
        view: View,
        clock: Clock,
        changed: Callable[[], None],
        *,
        recording: Recording,
    ) -> None:
        self._kafka, self._broker, self._view, self._clock, self._changed = kafka, broker, view, clock, changed
        self._recording = recording
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="view")
        self._assembly: Assembly | None = None
        self._ends: Mapping[TopicPartition, int] = {}
        self._probe: _Probe | None = None
        self._recovered = False
        self._lag = 0
        self._heard = 0
        self._trouble: str | None = "the panes topic has not been read yet"

    def freshness(self) -> Freshness:
        """How far the view is now."""
        return Freshness(self._recovered, self._lag, self._heard, self._trouble)

    async def run(self) -> None:
        """Read until cancelled; again after a failure. Ends, its trouble stated, where a newer version wrote."""
        try:
            while True:
                try:
                    await self._read()
                except UnknownEncoding as error:
                    self._trouble = str(error)
                    logger.error("the panes topic cannot be read", reason=str(error))
                    return
                except (KafkaError, OSError, TimeoutError) as error:
                    self._trouble = f"Kafka does not answer ({type(error).__name__})"
                    logger.warning("reading the panes topic failed, trying again", error=type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._writing.shutdown()

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            **self._kafka.client_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed" if self._broker.transactions else "read_uncommitted",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=4 * FETCH_BYTES,
        )
        try:
            await consumer.start()
            partitions = await self._partitions(consumer)
            consumer.assign(partitions)
            asked = self._clock()
            self._ends = await consumer.end_offsets(partitions)
            self._probe = _Probe(asked, self._ends)
            assembly = await self._continued()
            for place in partitions:
                consumer.seek(place, self._position(assembly, place))
            heartbeat = asyncio.create_task(self._watch_ends(consumer, partitions))
            try:
                await self._follow(consumer, assembly)
            finally:
                heartbeat.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await heartbeat
        finally:
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        panes = [TopicPartition(PANES, number) for number in range(PANES_PARTITIONS)]
        read = [*panes, *self._recording.partitions]
        # All topics are listed: asking for one by name creates it on a broker that creates topics by itself.
        while absent := {place.topic for place in read} - await consumer.topics():
            topic = min(absent)
            self._trouble = f"the topic {topic} does not exist yet: start an aggregator, or run `kpi topics`"
            await asyncio.sleep(RETRY_SECONDS)
        return read

    def _position(self, assembly: Assembly, place: TopicPartition) -> int:
        return assembly.position(place.partition) if place.topic == PANES else self._recording.position(place)

    def _has_reached(self, probe: _Probe, assembly: Assembly) -> bool:
        return all(self._position(assembly, place) >= end for place, end in probe.ends.items())

    async def _continued(self) -> Assembly:
        """What was read so far; nothing, and an empty view, where the topic has been made anew since."""
        if self._assembly is None:
            positions = await self._in_writer(self._view.positions)
            self._assembly = Assembly(transactional=self._broker.transactions, positions=positions)
        self._recording.continued(self._ends)
        ends = {place.partition: end for place, end in self._ends.items() if place.topic == PANES}
        if any(self._assembly.position(partition) > end for partition, end in ends.items()):
            logger.warning("the panes topic was made anew, so the view is rebuilt")
            self._recovered = False
            await self._in_writer(self._view.clear)
            self._assembly = Assembly(transactional=self._broker.transactions, positions={})
        return self._assembly

    async def _follow(self, consumer: AIOKafkaConsumer, assembly: Assembly) -> None:
        while True:
            await self._take(consumer, assembly)
            if self._probe is not None and self._has_reached(self._probe, assembly):
                late = assembly.heard(self._probe.asked)
                # What ended long ago may have been compacted in part since.
                if late and self._recovered:
                    logger.warning("a rebuild did not end in all partitions: run it again", rebuilds=late)
            records, positions = assembly.take()
            if records:
                await self._in_writer(self._view.apply, records, positions)
            recorded = self._recording.is_behind
            if recorded:
                await self._in_writer(self._recording.settle)
            self._measure(consumer, assembly, positions)
            if records or recorded:
                self._changed()

    async def _take(self, consumer: AIOKafkaConsumer, assembly: Assembly) -> None:
        fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
        for place, messages in fetched.items():
            for message in messages:
                if place.topic == PANES:
                    assembly.feed(place.partition, message.offset, message.key, message.value, message.timestamp)
                else:
                    self._recording.feed(place, message.offset, message.value, message.timestamp)
        for place in self._ends:
            position = await consumer.position(place)
            if place.topic == PANES:
                assembly.reached(place.partition, position)
            else:
                self._recording.reached(place, position)

    def _measure(self, consumer: AIOKafkaConsumer, assembly: Assembly, positions: Mapping[int, int]) -> None:
        ends = {place: max(end, consumer.highwater(place) or 0) for place, end in self._ends.items()}
        read = {place: positions.get(place.partition, 0) for place in ends if place.topic == PANES}
        self._lag = sum(max(end - read.get(place, self._recording.position(place)), 0) for place, end in ends.items())
        # While flushes never cease, some transaction is always open, and the lag is never 0.
        if self._probe is not None and self._has_reached(self._probe, assembly):
            self._heard, self._probe = self._probe.asked, None
            if not self._recovered:
                self._changed()
            self._recovered, self._trouble = True, None
        elif not self._recovered:
            self._trouble = f"the view is recovering: {self._lag} records of {PANES} are still to be read"

    async def _watch_ends(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """What is known to be new must come from the broker: silence alone may mean that nobody can be heard."""
        while True:
            with contextlib.suppress(KafkaError, TimeoutError):
                asked = self._clock()
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._ends = await consumer.end_offsets(partitions)
                self._probe = self._probe or _Probe(asked, self._ends)
            await asyncio.sleep(HEARTBEAT_SECONDS)

    async def _in_writer(self, call: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._writing, call, *arguments)
