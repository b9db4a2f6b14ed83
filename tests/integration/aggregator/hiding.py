"""What `faust -A tests.integration.aggregator.hiding worker` loads: the real worker, whose first transaction that moves
records is ended everywhere but where they are moved to, since the coordinator is not told of that partition.
"""

from typing import Any

from aiokafka import TopicPartition

from kpi.tasks.task import Flush
from services.aggregator import hanging, writing
from services.aggregator.root import application
from tests.chaos.worker.seams import around


class Hiding:
    """In the place of `send_flush`."""

    def __init__(self, send: Any) -> None:
        self._send, self._left = send, 1

    async def flush(self, producer: Any, partition: int, flush: Flush, *, tombstones: bool) -> None:
        """Sends it; what the client believes to be known already, it does not tell."""
        if flush.moved and self._left:
            self._left -= 1
            told = producer._txn_manager.txn_partitions
            told.update(TopicPartition(moved.topic, moved.partition) for moved in flush.moved)
        await self._send(producer, partition, flush, tombstones=tombstones)


around(writing, "send_flush", lambda send: Hiding(send).flush)
around(hanging, "HANGING_SECONDS", lambda _: 1.0)


def __getattr__(name: str) -> Any:
    if name == "app":
        return application()
    raise AttributeError(name)
