"""What a worker keeps beside a task that it owns."""

import asyncio
from dataclasses import dataclass, field

from faust.types import TP

from kpi.tasks.task import Task
from services.aggregator.writing import FlushWriter


@dataclass(slots=True)
class Recovered:
    """A task whose state was read back, and what writes for it."""

    task: Task
    writer: FlushWriter


@dataclass(slots=True)
class OwnedTask:
    """A task of this worker.

    Until it is recovered, its partitions are paused and what still arrives is dropped, to be read again.
    `kept`: kept across a rebalance and not yet proved by a write, so a gap means that somebody else had it.
    `unwritten`: records taken and not yet confirmed as written. `followed`: the topics of which a batch was taken in
    this assignment; nothing is dropped from then on, so a gap means that offsets are missing from the log itself.
    `probed`: by topic, the log's end up to which it was looked for records behind the position.
    `heard`, `marked`: by topic, when the last record came and the last idle mark was made, in seconds of the event
    loop's clock.
    """

    name: str
    unit: str
    partition: int
    partitions: tuple[TP, ...]
    recovered: Recovered | None = None
    kept: bool = False
    throttled: bool = False
    unwritten: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    job: asyncio.Task[None] | None = None
    followed: set[str] = field(default_factory=set)
    probed: dict[str, int] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    marked: dict[str, float] = field(default_factory=dict)

    def begin(self, recovered: Recovered, now: float) -> None:
        """The task counts from now on."""
        self.recovered = recovered
        self.heard = dict.fromkeys((tp.topic for tp in self.partitions), now)

    def renewed(self) -> "OwnedTask":
        """The same task with everything forgotten."""
        return OwnedTask(self.name, self.unit, self.partition, self.partitions)
