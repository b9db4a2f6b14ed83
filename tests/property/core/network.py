"""Tasks of both hops over topics in memory, as a broker without transactions holds them: what was written stays."""

from collections.abc import Mapping, Sequence

import numpy as np
import orjson

from kpi.planning import plan
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.rekeying import Copied
from schemas.rekeying import decode as decode_copy
from schemas.wire import Claim, IdleMark, Progress, Record, encode
from tests.property.core.oracle import Event
from tests.property.core.simulation import settled

Place = tuple[str, int]
APPENDED = 4_000_000_000_000


class Member:
    """One task, its part of the panes topic, and how it is started again."""

    def __init__(self, network: "Network", unit: str, partition: int) -> None:
        self.network, self.unit, self.partition = network, unit, partition
        self.written: list[tuple[bytes, bytes | None]] = []
        self.incarnation = 0
        self.ends: dict[str, int] = {}
        self.start()

    def start(self) -> None:
        """A new owner: claims, and reads back what counts."""
        self.incarnation += 1
        name = f"i{self.incarnation}"
        planned = self.network.plan
        self.task = Task(self.network.catalogue, planned, planned.units[self.unit], self.partition, name)
        self.written.append(encode(Claim(self.task.name, name, 0)))
        self.task.restore(record for record in self.settled().values() if not isinstance(record, IdleMark))
        for topic, source in self.task.sources.items():
            if source.position:
                self.task.remember(topic, self.network.batch((topic, self.partition), 0, source.position))

    def settled(self) -> dict[bytes, Record]:
        """The last of each key among the records that count."""
        return settled(self.written)

    def progress(self) -> Progress | None:
        """The last progress that counts."""
        return next((record for record in self.settled().values() if isinstance(record, Progress)), None)

    def take(self, topic: str, count: int) -> None:
        """Takes the next records of a topic; some are delivered twice."""
        position = self.task.sources[topic].position
        first = max(0, position - count % 3)
        batch = self.network.batch((topic, self.partition), first, position + count)
        if self.network.plan.units[self.unit].is_second_hop:
            self._count_late(batch.since(position))
        self.task.take(topic, batch)
        self.ends[topic] = max(self.task.sources[topic].position, self.ends.get(topic, 0))

    def _count_late(self, batch: RawBatch) -> None:
        horizon = self.task.horizon
        for value in batch.values:
            copy = decode_copy(value)
            if isinstance(copy, Copied) and horizon is not None:
                self.network.late += orjson.loads(copy.raw)["time"] < horizon

    def flush(self, stop: int | None = None) -> None:
        """Writes what changed; with `stop`, only so many of all records, and is then started again."""
        flush = self.task.flush(0)
        if flush is not None:
            copies = [*flush.marks, *flush.rekeyed] if self.network.marks_first else flush.rekeyed
            marks = [] if self.network.marks_first else flush.marks
            for number, record in enumerate([*copies, *flush.records, *marks]):
                if stop is not None and number >= stop:
                    break
                if isinstance(record, Record):
                    self.written.append(encode(record, tombstones=False))
                else:
                    self.network.logs.setdefault((record.topic, record.partition), []).append(record.value)
        if stop is not None:
            self.start()


class Network:
    """All tasks of a catalogue. `late`: how many copies reached a second hop that had passed them already.

    `marks_first`: the wrong order, to see that it matters.
    """

    def __init__(
        self, catalogue: Catalogue, logs: Mapping[Place, Sequence[Event]], *, marks_first: bool = False
    ) -> None:
        self.catalogue, self.plan, self.marks_first = catalogue, plan(catalogue), marks_first
        self.logs = {place: [orjson.dumps(event) for event in log] for place, log in logs.items()}
        self.late = 0
        units = self.plan.units.values()
        self.members = [Member(self, unit.name, number) for unit in units for number in range(unit.partitions)]
        self.first = [m for m in self.members if not self.plan.units[m.unit].is_second_hop]
        self.second = [m for m in self.members if self.plan.units[m.unit].is_second_hop]

    def batch(self, place: Place, first: int, stop: int) -> RawBatch:
        """The records [first, stop) of a topic partition, as far as there are any."""
        values = self.logs.get(place, [])[first:stop]
        return RawBatch(values, np.arange(first, first + len(values), dtype=np.int64), [APPENDED] * len(values))

    def idle(self, member: Member, now: int, stop: int | None = None) -> None:
        """The partition was silent until `now`, where all that it is known to hold was taken.

        As in a worker, the next flush follows before anything else is taken: silence counts once it is written down.
        """
        for topic, source in member.task.sources.items():
            if source.position >= member.ends.get(topic, 0):
                member.task.advance_idle(topic, now)
        member.flush(stop)

    def drain(self) -> None:
        """Takes and flushes everything, hop by hop."""
        for members in (self.first, self.second):
            for member in members:
                for topic in member.task.sources:
                    while member.task.sources[topic].position < len(self.logs.get((topic, member.partition), [])):
                        member.take(topic, 5)
                member.flush()

    def settled(self) -> list[Record]:
        """What counts of the panes topic."""
        return [record for member in self.members for record in member.settled().values()]
