"""What a worker keeps beside a task that it owns."""

import asyncio
from dataclasses import dataclass, field

from faust.types import TP

from kpi.tasks.task import Task
from services.aggregator.writing import FlushWriter

HOLE_TRIES = 2


@dataclass(slots=True)
class OwnedTask:
    """A task of this worker. Until `ready`, its partitions are paused and what still arrives is dropped, to be read again.

    `kept`: kept across a rebalance and not yet proved by a write, so a gap means that somebody else had it.
    """

    name: str
    unit: str
    partition: int
    partitions: tuple[TP, ...]
    task: Task | None = None
    writer: FlushWriter | None = None
    ready: bool = False
    kept: bool = False
    throttled: bool = False
    unwritten: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    job: asyncio.Task[None] | None = None
    holes: dict[str, tuple[int, int]] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    marked: dict[str, float] = field(default_factory=dict)

    def hole_is_in_the_log(self, topic: str, first: int) -> bool:
        """Whether the same gap before `first` came back after two seeks: then offsets are missing from the log itself."""
        known, tries = self.holes.get(topic, (-1, 0))
        if known != first:
            tries = 0
        if tries >= HOLE_TRIES:
            self.holes.pop(topic, None)
            return True
        self.holes[topic] = (first, tries + 1)
        return False
