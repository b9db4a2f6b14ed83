"""Following what the panes topic says about the tasks of a unit."""

from collections.abc import Iterable, Mapping
from typing import Self

import orjson
from aiokafka import TopicPartition

from kpi.tasks.replay import CommittedFlushes
from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import decode
from services.aggregator.fetching import reader
from services.aggregator.rebuilding.task_log import TaskLog
from services.runtime.kafka import BrokerCapabilities, KafkaConnection

POLL_MS = 200
OF_GROUPS = ("r", "b")


class PanesLog:
    """Use it as an async context. `tasks`: partition by name. Panes of other groups than `groups` are passed over."""

    def __init__(
        self, kafka: KafkaConnection, broker: BrokerCapabilities, tasks: Mapping[str, int], groups: Iterable[str]
    ) -> None:
        self._groups = frozenset(groups)
        self.tasks = {name: TaskLog(CommittedFlushes(transactional=broker.transactions)) for name in tasks}
        self._places = {name: TopicPartition(PANES, panes_partition(number)) for name, number in tasks.items()}
        self._consumer = reader(kafka, partitions=4)

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        places = sorted(set(self._places.values()))
        self._consumer.assign(places)
        await self._consumer.seek_to_beginning(*places)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def catch_up(self) -> None:
        """Reads on to what is the log's end now, of whatever is committed."""
        places = sorted(set(self._places.values()))
        await self._read_to(await self._consumer.end_offsets(places))

    async def read_claims(self, claims: Mapping[str, int]) -> None:
        """Reads on to these claims (by task, the offset), which end what counted before."""
        stops: dict[TopicPartition, int] = {}
        for task, offset in claims.items():
            place = self._places[task]
            stops[place] = max(offset + 1, stops.get(place, 0))
        await self._read_to(stops)

    async def _read_to(self, stops: Mapping[TopicPartition, int]) -> None:
        while True:
            behind = [place for place, stop in stops.items() if await self._consumer.position(place) < stop]
            if not behind:
                return
            for messages in (await self._consumer.getmany(*behind, timeout_ms=POLL_MS)).values():
                for message in messages:
                    self._feed(message.key, message.value)

    def _feed(self, key: bytes, value: bytes | None) -> None:
        kind, task, *rest = orjson.loads(key)
        log = self.tasks.get(task.removesuffix("/history"))
        if log is None or (kind in OF_GROUPS and rest[0] not in self._groups):
            return
        record = decode(key, value)
        if record is not None:
            log.feed(record)
