"""What a worker keeps beside a task that it owns."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition
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
    `unwritten`: records taken and not yet confirmed as written.
    `sought`: by topic, the position that was last asked for because older records came. `probed`: by topic, a position
    and an end of the log between which there are records. `heard`, `marked`: by topic, when the last record came and
    the last idle mark was made, in seconds of the event loop's clock. `fencings`: not yet told by a flush. `ended`: by
    partition, the offset of the last open transaction that may have been its own, and was ended once more.
    """

    name: str
    unit: str
    partition: int
    partitions: tuple[TP, ...]
    recovered: Recovered | None = None
    kept: bool = False
    throttled: bool = False
    unwritten: int = 0
    fencings: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    job: asyncio.Task[None] | None = None
    sought: dict[str, int] = field(default_factory=dict)
    probed: dict[str, tuple[int, int]] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    marked: dict[str, float] = field(default_factory=dict)
    ended: dict[TopicPartition, int] = field(default_factory=dict)

    def begin(self, recovered: Recovered, now: float) -> None:
        """The task counts from now on. `now`: seconds of the event loop's clock."""
        self.recovered = recovered
        self.heard = dict.fromkeys((tp.topic for tp in self.partitions), now)

    def keep(self, now: float) -> None:
        """The group has handed out anew, and the task is still ours. `now` as in `begin`."""
        self.kept = self.recovered is not None
        self.sought.clear()
        self.heard = dict.fromkeys(self.heard, now)

    def renewed(self) -> "OwnedTask":
        """The same task with everything forgotten but how often it was fenced."""
        return OwnedTask(self.name, self.unit, self.partition, self.partitions, fencings=self.fencings)


class Holdings:
    """The tasks of this worker. A task that was dropped or renewed is not `mine` any more."""

    def __init__(self) -> None:
        self.owned: dict[str, OwnedTask] = {}
        self._readers: dict[TP, tuple[OwnedTask, ...]] = {}

    def put(self, tasks: Iterable[OwnedTask]) -> None:
        """Holds these, each in the place of what had its name."""
        self.owned.update((owned.name, owned) for owned in tasks)
        self._index()

    def drop(self, names: Iterable[str]) -> list[OwnedTask]:
        """Holds these no more; what was held."""
        dropped = [self.owned.pop(name) for name in names]
        self._index()
        return dropped

    def mine(self, owned: OwnedTask) -> bool:
        """Whether it is held."""
        return self.owned.get(owned.name) is owned

    def readers(self, partition: TP) -> tuple[OwnedTask, ...]:
        """The tasks that read a topic partition: of a re-keyed one perhaps several kinds of entities."""
        return self._readers.get(partition, ())

    def place(self, partition: TP) -> int | None:
        """The lowest position of the recovered tasks that read it; None where there is none.

        Each of them passes over what it has taken.
        """
        recovered = [owned.recovered for owned in self.readers(partition) if owned.recovered is not None]
        return min((each.task.sources[partition.topic].position for each in recovered), default=None)

    def written(self) -> Mapping[TP, int]:
        """The places of all partitions of which nothing is taken that is not confirmed."""
        found = {
            tp: self.place(tp)
            for tp, readers in self._readers.items()
            if all(owned.recovered is not None and not owned.unwritten for owned in readers)
        }
        return {tp: place for tp, place in found.items() if place is not None}

    def _index(self) -> None:
        readers: dict[TP, list[OwnedTask]] = {}
        for owned in self.owned.values():
            for partition in owned.partitions:
                readers.setdefault(partition, []).append(owned)
        self._readers = {partition: tuple(owned) for partition, owned in readers.items()}
