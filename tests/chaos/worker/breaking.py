"""What can be broken on purpose, to see that the tests notice. Each names the scenario that must turn red."""

import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from aiokafka import AIOKafkaProducer

from kpi.entities.store import EntityStore
from kpi.tasks.task import Task
from services.aggregator import keeper, sending, writing
from services.aggregator.fetching import Fetched
from services.aggregator.taking import Taking
from tests.chaos.worker.seams import around

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Break:
    """Something broken: `sentence` says what, `scenario` is the one that must notice."""

    sentence: str
    scenario: str
    apply: Callable[[], None]


def no_fence() -> None:
    """Nothing shuts an earlier owner out."""

    def nameless(make: Any) -> Any:
        @functools.wraps(make)
        def wrapped(*arguments: Any, transactional_id: str | None = None, **named: Any) -> Any:
            own = None if transactional_id is None else f"{transactional_id}-{uuid.uuid4().hex}"
            return make(*arguments, transactional_id=own, **named)

        return wrapped

    around(writing, "make_producer", nameless)


def no_position_check() -> None:
    """Whatever is delivered counts as what comes next; and the group is never told where we stand, which is a hint."""

    def trusting(take: Any) -> Any:
        @functools.wraps(take)
        async def wrapped(self: Taking, partition: Any, fetched: Fetched) -> None:
            for owned in self._holdings.readers(partition):
                if owned.recovered is not None:
                    owned.recovered.task.sources[partition.topic].position = int(fetched.batch.offsets[0])
            await take(self, partition, fetched)

        return wrapped

    async def unheard(*_: object) -> None:
        """Nobody is told."""

    around(Taking, "take", trusting)
    around(keeper, "tell_places", lambda _: unheard)


def flush_in_parts() -> None:
    """The progress has a transaction of its own, after that of all it speaks of."""

    def parted(pack: Any) -> Any:
        @functools.wraps(pack)
        async def wrapped(producer: AIOKafkaProducer, partition: int, records: Sequence[Any]) -> Any:
            if len(records) > 1:
                await pack(producer, partition, records[:-1])
                await producer.commit_transaction()
                await producer.begin_transaction()
            return await pack(producer, partition, records[-1:])

        return wrapped

    around(sending, "send_packed", parted)


def forgotten_withdrawal() -> None:
    """What an entity contributed before stays, whatever it contributes now."""

    def keeping(apply: Any) -> Any:
        @functools.wraps(apply)
        def wrapped(self: EntityStore, stream: str, accepted: pl.DataFrame) -> Any:
            applied = apply(self, stream, accepted)
            kept = {name: frame.filter(pl.col("sign") > 0) for name, frame in applied.contributions.items()}
            return applied._replace(contributions=kept)

        return wrapped

    around(EntityStore, "apply", keeping)


def wall_clock_watermark() -> None:
    """The time of day moves the watermark, an hour behind it, without a mark in the log."""

    def hurried(flush: Any) -> Any:
        @functools.wraps(flush)
        def wrapped(self: Task, now: int, *arguments: Any, **named: Any) -> Any:
            for source in self.sources.values():
                if source.watermark is not None:
                    source.watermark = max(source.watermark, now - HOUR_MS)
            return flush(self, now, *arguments, **named)

        return wrapped

    around(Task, "flush", hurried)


BREAKS = {
    "no-fence": Break("nothing shuts an earlier owner out", "zombies", no_fence),
    "no-position-check": Break("what is delivered counts as what comes next", "joining", no_position_check),
    "flush-in-parts": Break("a flush is not atomic", "flush-steps", flush_in_parts),
    "forgotten-withdrawal": Break("what an entity contributed before stays", "calm", forgotten_withdrawal),
    "wall-clock-watermark": Break("the time of day moves the watermark", "clocks", wall_clock_watermark),
}
