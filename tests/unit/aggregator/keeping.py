"""The parts of a keeper around one real task, over a log that a test makes; only the consumer and the writer are ours.

What the consumer delivers out of turn, and when the broker confirms, cannot be ordered from a real one.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import orjson
from aiokafka import TopicPartition
from faust.types import TP

from kpi.planning import plan
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Flush, Task
from schemas.wire import Claim
from services.aggregator.fetching import Fetched
from services.aggregator.flow import Flow
from services.aggregator.listening import Listening
from services.aggregator.measurements import Measurements
from services.aggregator.owned import Holdings, OwnedTask, Recovered
from services.aggregator.refusing import Refusing
from services.aggregator.regaining import Regaining
from services.aggregator.taking import Taking
from services.aggregator.write_behind import WriteBehind
from services.runtime.catalogue import load

CALLS = TP("sales.call.v1", 0)
TASK = "sales.call/0"


class HeldFlow(Flow):
    """A consumer of a log that has records at `offsets`, and begins at `start`."""

    rebalancing = False

    def __init__(self, offsets: Iterable[int] = (), start: int = 0) -> None:
        self.offsets, self.start = set(offsets), start
        self.paused: set[TP] = set()
        self.sought: list[Mapping[TP, int]] = []
        self.broken = False
        self.answers: dict[TP, int] = {}

    def here(self) -> set[TP]:
        """See `Flow`."""
        return {CALLS, TP("sales.call.history.v1", 0)}

    def settled(self, partitions: Iterable[TP]) -> bool:
        """See `Flow`."""
        return self.here().issuperset(partitions)

    def end(self, partition: TP) -> int | None:
        """See `Flow`."""
        del partition
        return None

    def answered(self, partition: TP) -> int | None:
        """See `Flow`."""
        return self.answers.get(partition)

    async def beginning(self, partition: TP) -> int:
        """See `Flow`."""
        del partition
        if self.broken:
            raise TimeoutError
        return self.start

    async def holds_records(self, partition: TP, start: int, stop: int) -> bool:
        """See `Flow`."""
        del partition
        return any(start <= offset < stop for offset in self.offsets)

    def pause(self, partitions: Iterable[TP]) -> None:
        """See `Flow`."""
        self.paused |= set(partitions)

    async def read_from(self, places: Mapping[TP, int]) -> None:
        """See `Flow`."""
        self.sought.append(dict(places))
        self.paused -= set(places)


class HeldWriter:
    """A writer whose broker confirms when it is told to."""

    def __init__(self) -> None:
        self.confirm = asyncio.Event()
        self.confirm.set()
        self.flushes: list[Flush] = []

    async def claim(self, claim: Claim) -> int:
        """See `FlushWriter`."""
        del claim
        return 0

    async def write(self, flush: Flush) -> None:
        """See `FlushWriter`."""
        self.flushes.append(flush)
        await self.confirm.wait()

    async def end(self, places: Collection[TopicPartition]) -> None:
        """See `FlushWriter`."""

    async def close(self) -> None:
        """See `FlushWriter`."""


class Regained(Regaining):
    """Notes what was to be taken over again."""

    def __init__(self, holdings: Holdings, flow: Flow) -> None:
        self._holdings, self._flow = holdings, flow
        self._jobs: set[asyncio.Task[None]] = set()
        self.tasks: list[str] = []

    def again(self, owned: OwnedTask, delay: float = 0.0) -> None:
        """See `Regaining`."""
        del delay
        self.tasks.append(owned.name)
        owned.recovered = None

    def regain(self, owned: OwnedTask, *, fenced: bool) -> None:
        """See `Regaining`."""
        del fenced
        self.again(owned)


class Keeping:
    """One task of sales calls, recovered and read up to `position`."""

    def __init__(self, flow: HeldFlow, position: int = 0) -> None:
        catalogue = load([], packs=("sales",))
        planned = plan(catalogue)
        self.flow, self.writer = flow, HeldWriter()
        self.task = Task(catalogue, planned, planned.units["sales.call"], 0, "one")
        self.source = self.task.sources[CALLS.topic]
        self.source.position = position
        self.owned = OwnedTask(TASK, "sales.call", 0, (CALLS, TP("sales.call.history.v1", 0)))
        self.holdings, self.refusing, measurements = Holdings(), Refusing(), Measurements()
        self.holdings.put([self.owned])
        holdings = self.holdings
        self.owned.begin(Recovered(self.task, self.writer), 0.0)
        self.regained = Regained(holdings, flow)
        self.taking = Taking(holdings, flow, self.regained, self.refusing, measurements)
        self.listening = Listening(holdings, flow)
        self.write_behind = WriteBehind(holdings, self.listening, self.regained, measurements, lambda: 0)

    async def take(self, first: int, count: int = 10, *, after: int | None = None, stop: int | None = None) -> None:
        """The consumer delivers so many records from an offset on.

        `after`: up to where it fetched before, where it knows that; `stop`: up to where it has fetched now.
        """
        events = [
            {"id": f"c{n}", "time": n * 1000, "call_id": f"c{n}", "rep_id": "ann", "team": "north", "direction": "out"}
            | {"outcome": "connected", "duration_s": 1}
            for n in range(first, first + count)
        ]
        offsets = np.arange(first, first + count, dtype=np.int64)
        batch = RawBatch([orjson.dumps(event) for event in events], offsets, [0] * count)
        start, end = first if after is None else after, first + count if stop is None else stop
        await self.taking.take(CALLS, Fetched(batch, start, end))
