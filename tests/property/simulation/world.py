"""Topics in memory, and the tasks that read and write them: a broker with transactions, or one without."""

from dataclasses import dataclass, field

import numpy as np

from kpi.plan import Plan
from kpi.tasks.leaving import MovedRecord, RekeyedRecord
from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.source import RawBatch, StreamSource
from kpi.tasks.task import Flush, Task
from schemas.wire import Claim, IdleMark, Progress, Record, decode, encode
from tests.property.simulation.declared import Place, catalogue, planned
from tests.property.simulation.logs import Stored

APPENDED = 4_000_000_000_000


@dataclass(slots=True)
class World:
    """Every topic partition. Without transactions, a write can tear: what was written before stays."""

    logs: dict[Place, list[Stored]]
    corrections: int
    transactional: bool
    members: list["Member"] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        """What all of its tasks run on."""
        return planned(self.corrections)

    def batch(self, place: Place, first: int, stop: int) -> RawBatch:
        """The records [first, stop) of a topic partition, as far as there are any."""
        stored = self.logs.get(place, [])[first:stop]
        offsets = np.arange(first, first + len(stored), dtype=np.int64)
        return RawBatch([each.value for each in stored], offsets, [each.appended for each in stored])

    def end(self, place: Place) -> int:
        """The offset that its next record will have."""
        return len(self.logs.get(place, ()))


@dataclass(slots=True)
class Member:
    """One task, what counts of what it wrote, and how it is started again."""

    world: World
    unit: str
    partition: int
    incarnation: int = 0
    settled: dict[bytes, bytes] = field(default_factory=dict)
    task: Task = field(init=False)
    progress: Progress | None = None
    reached: dict[str, int] = field(default_factory=dict)
    """By topic, the furthest position of any owner."""
    dirty: bool = False
    """Whether a crash would lose something."""
    _flushes: CommittedFlushes = field(default_factory=lambda: CommittedFlushes(transactional=False))

    def __post_init__(self) -> None:
        self.start()

    @property
    def is_second_hop(self) -> bool:
        """Whether it reads what others have re-keyed."""
        return self.world.plan.units[self.unit].is_second_hop

    def start(self) -> None:
        """A new owner: claims, and reads back what counts."""
        self.incarnation += 1
        name = f"i{self.incarnation}"
        declared, planned = catalogue(self.world.corrections), self.world.plan
        self.task = Task(declared, planned, planned.units[self.unit], self.partition, name)
        self._flushes.feed(Claim(self.task.name, name, 0))
        if self.progress is not None:
            self.task.restore(record for record in self.records() if not isinstance(record, IdleMark))
        for topic, source in self.task.sources.items():
            if isinstance(source, StreamSource) and source.position:
                first = source.seen.rebuild_from(source.position)
                self.task.remember(topic, self.world.batch((topic, self.partition), first, source.position))
        self.dirty = False

    def records(self) -> list[Record]:
        """What counts of the panes topic."""
        found = [decode(key, value) for key, value in self.settled.items()]
        return [record for record in found if record is not None]

    def waiting(self, topic: str) -> int:
        """How many records it has not taken yet."""
        return self.world.end((topic, self.partition)) - self.task.sources[topic].position

    def take(self, topic: str, count: int, again: int) -> None:
        """Takes the next records of a topic; `again` earlier ones are delivered once more."""
        position = self.task.sources[topic].position
        batch = self.world.batch((topic, self.partition), max(0, position - again), position + count)
        if len(batch.offsets):
            self.task.take(topic, batch)
            position = self.task.sources[topic].position
            self.reached[topic] = max(position, self.reached.get(topic, 0))
            self.dirty = True

    def flush(self, stop: int | None = None) -> Flush | None:
        """Writes what changed; the flush, if it counts.

        `stop`: without transactions, only so many of all its records are written, and it is then started again.
        """
        flush = self.task.flush(0)
        before = self.progress
        if flush is not None:
            written = [*flush.moved, *flush.rekeyed, *flush.records, *flush.marks]
            for record in written[: None if self.world.transactional else stop]:
                if isinstance(record, MovedRecord | RekeyedRecord):
                    value = record.raw if isinstance(record, MovedRecord) else record.value
                    self.world.logs.setdefault((record.topic, record.partition), []).append(Stored(value, APPENDED))
                else:
                    self._write(record)
        self.dirty = False
        if stop is not None:
            self.start()
        return None if self.progress is before else flush

    def _write(self, record: Record) -> None:
        key, value = encode(record, tombstones=self.world.transactional)
        if self.world.transactional:
            self._settle(key, value, record)
            return
        whole = decode(key, value)
        for counted in self._flushes.feed(whole) if whole is not None else ():
            self._settle(*encode(counted), counted)

    def _settle(self, key: bytes, value: bytes | None, record: Record) -> None:
        """It counts, and replaces what its key held before."""
        if value is None:
            self.settled.pop(key, None)
        else:
            self.settled[key] = value
        if isinstance(record, Progress):
            self.progress = record
