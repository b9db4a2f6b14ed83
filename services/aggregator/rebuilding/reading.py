"""The raw records of one task, from all its topics in the order in which they were appended."""

from collections import deque
from collections.abc import Mapping
from typing import Self

from aiokafka import ConsumerRecord, TopicPartition

from kpi.tasks.source import RawBatch
from services.aggregator.fetching import batch_of, reader
from services.aggregator.log_ends import log_ends
from services.aggregator.rebuilding.refusals import RebuildRefused
from services.aggregator.rebuilding.replaying import Extents
from services.runtime.kafka import KafkaConnection

POLL_MS = 200
FETCH_BYTES = 4 << 20
MOST_RECORDS = 5_000
APART_MS = 60_000
"""How far one topic may go ahead of another in append time: what is held of one waits for the other."""


class RawRecords:
    """Reads partition `partition` of some topics. Use it as an async context."""

    def __init__(self, kafka: KafkaConnection, topics: tuple[str, ...], partition: int) -> None:
        self._places = {topic: TopicPartition(topic, partition) for topic in topics}
        self._waiting: dict[str, deque[ConsumerRecord]] = {topic: deque() for topic in topics}
        self._fetched: dict[TopicPartition, int] = {}
        """The offset after all that was fetched."""
        self._consumer = reader(kafka, partition_bytes=FETCH_BYTES, partitions=2)

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(list(self._places.values()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def begin(self, moment: int | None, positions: Mapping[str, int]) -> Extents:
        """See `Records`."""
        known = {place: positions.get(topic, 0) for topic, place in self._places.items()}
        ends = await log_ends(self._consumer, known)
        starts = dict(await self._consumer.beginning_offsets(list(known)))
        if moment is not None:
            found = await self._consumer.offsets_for_times(dict.fromkeys(known, moment))
            # The embedded broker has an answer of its own for a moment after all records.
            later = {place: at.offset for place, at in found.items() if at is not None and at.timestamp >= 0}
            starts = {place: max(start, later.get(place, ends[place])) for place, start in starts.items()}
        for place, start in starts.items():
            self._consumer.seek(place, start)
        self._fetched = dict(starts)
        return {topic: (starts[place], ends[place]) for topic, place in self._places.items()}

    async def next(self, stops: Mapping[str, int]) -> tuple[str, RawBatch] | None:
        """See `Records`."""
        await self._fill(stops)
        heads = sorted(
            (waiting[0].timestamp, topic)
            for topic, waiting in self._waiting.items()
            if waiting and waiting[0].offset < stops.get(topic, 0)
        )
        if not heads:
            return None
        topic = heads[0][1]
        limit = heads[1][0] + APART_MS if len(heads) > 1 else None
        waiting, stop, taken = self._waiting[topic], stops[topic], list[ConsumerRecord]()
        while waiting and waiting[0].offset < stop and len(taken) < MOST_RECORDS:
            if limit is not None and taken and waiting[0].timestamp > limit:
                break
            taken.append(waiting.popleft())
        return topic, batch_of(taken)

    async def _fill(self, stops: Mapping[str, int]) -> None:
        """Something of each topic that is not read to its stop, unless nothing is left there."""
        while True:
            behind = []
            for topic, place in self._places.items():
                if self._waiting[topic] or self._fetched[place] >= (stop := stops.get(topic, 0)):
                    continue
                if (position := await self._consumer.position(place)) < stop:
                    behind.append(place)
                else:
                    await self._go_on(place, position, position)
            if not behind:
                return
            for place, records in (await self._consumer.getmany(*behind, timeout_ms=POLL_MS)).items():
                await self._go_on(place, records[0].offset, records[-1].offset + 1)
                self._waiting[place.topic].extend(records)

    async def _go_on(self, place: TopicPartition, start: int, stop: int) -> None:
        """The log was read from `start` to `stop`. Raises RebuildRefused where retention took what was to be read.

        The client goes on at the log's beginning then, and says nothing. Markers of transactions leave gaps, too.
        """
        wanted, self._fetched[place] = self._fetched[place], stop
        if start > wanted and (first := (await self._consumer.beginning_offsets([place]))[place]) > wanted:
            raise RebuildRefused(
                f"{place.topic} partition {place.partition} begins at offset {first} now, and was read up to {wanted}: "
                "retention took what was to be read next. Run the same command again, or leave more out with --from"
            )
