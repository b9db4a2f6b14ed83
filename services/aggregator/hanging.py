"""Transactions that a broker has ended, but not in every partition that they wrote to.

Kafka calls them hanging. Everything behind them in that partition is hidden from whoever reads what is committed, until
their producer ends a further transaction there. One that moves a record there once a day would end it in a day.
"""

import asyncio
from collections.abc import Collection, Mapping

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from kpi.plan import Plan
from kpi.topology import panes_partition
from kpi.units import Unit
from schemas.topics import PANES, dead_topic, late_topic
from services.aggregator.owned import Holdings
from services.aggregator.write_behind import WriteBehind
from services.runtime.kafka import KafkaConnection

log = structlog.get_logger(__name__)

HANGING_SECONDS = 15.0
"""A transaction that has been open for so long hangs, or may: longer than a dead owner's, until its task is taken."""
ANSWER_SECONDS = 20.0


def writes_to(unit: Unit, partition: int, place: TopicPartition) -> bool:
    """Whether the task of the unit may write to a topic partition: what leaves it may go to any of a topic."""
    if place.topic == PANES:
        return bool(place.partition == panes_partition(partition))
    return place.topic in _leaving(unit)


async def end_hanging(
    found: Mapping[TopicPartition, int], holdings: Holdings, plan: Plan, write_behind: WriteBehind
) -> None:
    """Has every task that may have written to these partitions end there once more what it wrote, once for each
    offset. Whose it was, the broker does not tell this client; where it was another's, that changes nothing.
    """
    for owned in list(holdings.owned.values()):
        unit = plan.units[owned.unit]
        due = {
            place: offset
            for place, offset in found.items()
            if owned.ended.get(place) != offset and writes_to(unit, owned.partition, place)
        }
        if due and owned.recovered is not None:
            log.warning("a transaction hangs, and may be of this task: it is ended", task=owned.name, at=_named(due))
            await write_behind.end(owned, due)
            owned.ended.update(due)


def _named(places: Mapping[TopicPartition, int]) -> list[str]:
    return [f"{place.topic}/{place.partition} at {offset}" for place, offset in places.items()]


def _leaving(unit: Unit) -> frozenset[str]:
    if unit.is_second_hop:
        return frozenset()
    letters = (name(stream) for stream in unit.streams for name in (dead_topic, late_topic))
    return frozenset((*unit.topics, *letters, *(rekeyed.topic for rekeyed in unit.writes)))


class Hanging:
    """Watches topic partitions. `widths`: by topic, how many partitions it has."""

    def __init__(self, kafka: KafkaConnection, units: Collection[Unit], widths: Mapping[str, int]) -> None:
        self._kafka = kafka
        topics = {PANES}.union(*map(_leaving, units))
        self._places = [TopicPartition(topic, number) for topic in sorted(topics) for number in range(widths[topic])]
        self._open: dict[TopicPartition, tuple[int, float]] = {}
        """By partition, where its first open transaction begins, and since when it does."""

    async def check(self, now: float) -> dict[TopicPartition, int]:
        """Where transactions have been open for too long, with the offsets at which they begin.

        `now`: seconds of any clock. Raises KafkaError or TimeoutError where a broker does not answer.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            committed = await self._ends("read_committed")
            # Asked for later: where nothing is open, it is not before the other.
            ends = await self._ends("read_uncommitted")
        before = self._open
        self._open = {
            place: before[place] if before.get(place, (None,))[0] == offset else (offset, now)
            for place, offset in committed.items()
            if offset < ends[place]
        }
        return {place: offset for place, (offset, since) in self._open.items() if now - since >= HANGING_SECONDS}

    async def _ends(self, isolation: str) -> dict[TopicPartition, int]:
        consumer = AIOKafkaConsumer(**self._kafka.client_options(), enable_auto_commit=False, isolation_level=isolation)
        try:
            await consumer.start()
            ends: dict[TopicPartition, int] = await consumer.end_offsets(self._places)
            return ends
        finally:
            await consumer.stop()
