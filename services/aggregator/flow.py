"""What is fetched for a worker: the consumer of Faust's app, which is there while the app runs."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from faust.types import TP

from services.aggregator.holes import holds_records
from services.runtime.kafka import KafkaConnection

ANSWER_SECONDS = 10.0


class Flow:
    """The partitions that the group gave to this worker, and how their fetching is steered."""

    def __init__(self, app: Any, kafka: KafkaConnection) -> None:
        self._app, self._kafka = app, kafka

    @property
    def heartbeat(self) -> float:
        """Seconds between two heartbeats of a member."""
        seconds: float = self._app.conf.broker_heartbeat_interval
        return seconds

    @property
    def rebalancing(self) -> bool:
        """Whether the group is handing out anew, as far as we know."""
        under_way: bool = self._app.rebalancing
        return under_way

    def settled(self, partitions: Iterable[TP]) -> bool:
        """Whether the group says that all of these are ours, as far as we know."""
        return not self.rebalancing and self.here().issuperset(partitions)

    def here(self) -> set[TP]:
        """The partitions that are assigned to us."""
        assigned: set[TP] = self._app.consumer.assignment()
        return assigned

    def end(self, partition: TP) -> int | None:
        """The end of the log as the last fetch told it; None before the first."""
        end: int | None = self._app.consumer.highwater(partition)
        return end

    def answered(self, partition: TP) -> int | None:
        """The moment of the last answer to a fetch of it, in a clock of the client's own; None before the first."""
        moment: int | None = self._app.consumer.answered(partition)
        return moment

    async def beginning(self, partition: TP) -> int:
        """The first offset that the log still has. Raises KafkaError or TimeoutError where no broker says it."""
        async with asyncio.timeout(ANSWER_SECONDS):
            found: Mapping[TP, int] = await self._app.consumer.earliest_offsets(partition)
        return found[partition]

    async def holds_records(self, partition: TP, start: int, stop: int) -> bool:
        """Whether the log has a record from `start` up to `stop`. Raises KafkaError where no broker says it."""
        return await holds_records(self._kafka, *partition, start, stop)

    def pause(self, partitions: Iterable[TP]) -> None:
        """Nothing more of these is fetched. What is fetched already may still come."""
        self._app.consumer.pause_partitions(set(partitions))

    async def read_from(self, places: Mapping[TP, int]) -> None:
        """Goes on from these offsets, also where the partition was paused.

        Raises KafkaError or TimeoutError where one of them is not ours any more, or no broker answers.
        """
        await self._app.consumer.seek_wait(dict(places))
        self._app.consumer.resume_partitions(set(places))

    async def hint(self, positions: Mapping[TP, int]) -> None:
        """Tells the group where we stand, for lag tools, and so that a restart begins near it. May fail unseen."""
        # Faust's public commit takes only what it acknowledged itself.
        await self._app.consumer._commit(dict(positions))  # noqa: SLF001
