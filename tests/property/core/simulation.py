"""The core under an in-memory log: batches of any size, flushes, and crashes back to the last flush."""

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import orjson

from kpi.plan import Plan
from kpi.planning import plan
from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.source import RawBatch, StreamSource
from kpi.tasks.task import Task
from schemas.kpis import Catalogue
from schemas.wire import Claim, Progress, Record, Rows, decode, encode, key_of
from tests.property.core.oracle import Event

APPENDED = 4_000_000_000_000


def settled(written: Iterable[tuple[bytes, bytes | None]]) -> dict[bytes, Record]:
    """The last of each key among the records that count, of what was written without transactions."""
    flushes = CommittedFlushes(transactional=False)
    last: dict[bytes, Record] = {}
    for key, value in written:
        record = decode(key, value)
        if record is not None:
            last.update({key_of(counted): counted for counted in flushes.feed(record)})
    return last


class Simulated:
    """One task over one partition's log. What it writes goes through the wire's encoding, as on Kafka."""

    def __init__(self, catalogue: Catalogue, unit: str, partition: int, topic: str, log: Sequence[Event]) -> None:
        self.catalogue, self.plan = catalogue, plan(catalogue)
        self.unit, self.partition, self.topic = unit, partition, topic
        self.raws = [orjson.dumps(event) for event in log]
        self.written: list[tuple[bytes, bytes | None]] = []
        self.incarnation = 0
        self.start()

    def start(self) -> None:
        """A new owner: claims, and reads back what counts."""
        self.incarnation += 1
        name = f"i{self.incarnation}"
        self.task = Task(self.catalogue, self.plan, self.plan.units[self.unit], self.partition, name)
        self.written.append(encode(Claim(self.task.name, name, 0)))
        self.task.restore(self.settled().values())
        position = self.task.sources[self.topic].position
        source = self.task.sources[self.topic]
        assert isinstance(source, StreamSource)
        self.task.remember(self.topic, self.batch(source.seen.rebuild_from(position), position))

    def batch(self, first: int, stop: int) -> RawBatch:
        """The records [first, stop) of the log."""
        offsets = np.arange(first, stop, dtype=np.int64)
        return RawBatch(self.raws[first:stop], offsets, [APPENDED] * (stop - first))

    def take(self, count: int) -> None:
        """Takes the next records; some are delivered twice, as Faust does."""
        position = self.task.sources[self.topic].position
        first = max(0, position - count % 3)
        self.task.take(self.topic, self.batch(first, min(len(self.raws), position + count)))

    def flush(self) -> None:
        """Writes what changed."""
        flush = self.task.flush(0)
        if flush is not None:
            self.written += [encode(record) for record in flush.records]

    def torn_flush(self) -> None:
        """Writes all but the end of a flush, without transactions, and crashes."""
        flush = self.task.flush(0)
        if flush is not None:
            self.written += [encode(record, tombstones=False) for record in flush.records[:-1]]
        self.start()

    def zombie(self, count: int) -> None:
        """The present owner is replaced without noticing, and writes once more after its successor's claim."""
        old = self.task
        self.start()
        position = old.sources[self.topic].position
        old.take(self.topic, self.batch(position, min(len(self.raws), position + count)))
        flush = old.flush(0)
        if flush is not None:
            self.written += [encode(record, tombstones=False) for record in flush.records]

    def settled(self) -> dict[bytes, Record]:
        """The last of each key among the records that count."""
        return settled(self.written)

    def drain(self) -> None:
        """Takes and flushes the rest."""
        while self.task.sources[self.topic].position < len(self.raws):
            self.take(7)
        self.flush()

    def act(self, step: str, size: int) -> None:
        """One of take, flush, tear (a torn flush), zombie, start and drain; `size`: of how many records."""
        match step:
            case "take":
                self.take(size)
            case "flush":
                self.flush()
            case "tear":
                self.torn_flush()
            case "zombie":
                self.zombie(size)
            case "start":
                self.start()
            case "drain":
                self.drain()
            case _:
                raise AssertionError(f"{step} is no step")

    def progress(self) -> Progress | None:
        """The last progress that counts."""
        found = [record for record in self.settled().values() if isinstance(record, Progress)]
        return found[0] if found else None


@dataclasses.dataclass(frozen=True)
class Served:
    """Reads the settled rows of a measure over whole panes of one grain, as any reader would."""

    plan: Plan
    records: Sequence[Record]

    def rows(
        self, kpi: str, measure: str, grain: str, start: int, end: int
    ) -> list[tuple[dict[str, object], dict[str, int]]]:
        """(dimensions and extra, columns named `count`, `value`, `start`) of each row in [start, end)."""
        reading = self.plan.readings[kpi, measure]
        found = []
        for pane in self.records:
            if not isinstance(pane, Rows) or pane.group != reading.group or pane.grain != grain:
                continue
            if not start <= pane.start < end:
                continue
            for place in range(len(next(iter(pane.columns.values()), []))):
                names: dict[str, object] = {name: values[place] for name, values in pane.dimensions.items()}
                names["extra"] = pane.extra[place] if pane.extra else None
                columns = {"count": pane.columns[reading.count][place] or 0, "start": pane.start}
                if reading.value is not None:
                    columns["value"] = pane.columns[reading.value][place] or 0
                found.append((names, columns))
        return found
