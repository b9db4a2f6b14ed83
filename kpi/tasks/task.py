"""The work of one task, batch by batch and flush by flush."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from kpi.accepting.countable import hindrances
from kpi.accepting.fates import judge
from kpi.accepting.partitioning import partitions_of
from kpi.entities.store import EntityStore
from kpi.grains import grains
from kpi.panes.reduction import Reducer
from kpi.panes.store import PaneStore, Stamp
from kpi.plan import Plan, Unit, entity_digest
from kpi.records import decode
from kpi.tasks.source import DeadLetter, LateRecord, MovedRecord, RawBatch, Source
from schemas.kpis import Catalogue
from schemas.topics import history_topic, stream_topic
from schemas.wire import Base, EntityRow, IdleMark, Progress, Record, Rows


@dataclass(frozen=True, slots=True)
class Flush:
    """What one transaction writes: `records` to the panes topic (progress last), and what leaves for other topics."""

    number: int
    records: list[Record]
    dead: list[DeadLetter]
    late: list[LateRecord]
    moved: list[MovedRecord]


class Task:
    """State and work of partition `partition` of a unit. Not thread-safe.

    After a failed write it is thrown away and read back.
    """

    def __init__(self, catalogue: Catalogue, plan: Plan, unit: Unit, partition: int, incarnation: str) -> None:
        self.name = f"{unit.name}/{partition}"
        self.partition, self.incarnation = partition, incarnation
        self._unit = unit
        streams = [catalogue.streams[name] for name in unit.streams]
        self.sources = {stream_topic(s.stream): Source(stream_topic(s.stream), s, history=False) for s in streams}
        self.sources |= {history_topic(s.stream): Source(history_topic(s.stream), s, history=True) for s in streams}
        groups = [group for group in plan.groups.values() if group.unit == unit.name]
        self._panes = PaneStore(self.name, groups, grains(catalogue.reporting.zones))
        self._hindrances = {stream.stream: hindrances(stream) for stream in streams}
        self._reducers = {
            stream.stream: [(g.id, Reducer(g, signed=False)) for g in groups if g.source == stream.stream]
            for stream in streams
        }
        self._entity_reducers: dict[str, list[tuple[str, Reducer]]] = {}
        self._entities: dict[bool, EntityStore] = {}
        if unit.entity is not None:
            for history in (False, True):
                suffix = "/history" if history else ""
                self._entities[history] = EntityStore(
                    self.name + suffix,
                    unit.entity,
                    streams[0],
                    catalogue.targets,
                    definition=entity_digest(catalogue, unit.name),
                )
            for name in unit.entity.contributions:
                source = f"{unit.name}.{name}"
                self._entity_reducers[name] = [(g.id, Reducer(g, signed=True)) for g in groups if g.source == source]
        self._number = 0
        self._watermark_flushed: int | None = None
        self._marks: list[IdleMark] = []
        self._dead: list[DeadLetter] = []
        self._late: list[LateRecord] = []
        self._moved: list[MovedRecord] = []
        self._changed = False

    @property
    def watermark(self) -> int | None:
        """The lowest watermark of the live topics, epoch milliseconds; None until each has one."""
        marks = [source.watermark for source in self.sources.values() if not source.history]
        return None if any(mark is None for mark in marks) else min(mark for mark in marks if mark is not None)

    @property
    def row_count(self) -> int:
        """Pane rows held."""
        return self._panes.row_count

    @property
    def entity_count(self) -> int:
        """Entities held."""
        return sum(len(store) for store in self._entities.values())

    def restore(self, records: Iterable[Record]) -> None:
        """Takes over the settled records of the log: the last of each key, in any order."""
        rows: list[Rows] = []
        bases: list[Base] = []
        entities: dict[str, list[EntityRow]] = {}
        retained: dict[str, int] = {}
        for record in records:
            if isinstance(record, Rows):
                rows.append(record)
            elif isinstance(record, Base):
                bases.append(record)
            elif isinstance(record, EntityRow):
                entities.setdefault(record.task, []).append(record)
            elif isinstance(record, Progress):
                retained, self._number = record.retained, record.flush
                for topic, progress in record.topics.items():
                    if topic in self.sources:
                        self.sources[topic].restore(progress)
        self._panes.restore(rows, bases, retained)
        for history, store in self._entities.items():
            store.restore(entities.get(self.name + ("/history" if history else ""), []))
        self._watermark_flushed = self.watermark

    def remember(self, topic: str, batch: RawBatch) -> None:
        """Rebuilds the ids of records before the position, without counting them again."""
        source = self.sources[topic]
        frame = self._here(source, self._decoded(source, batch)[0])[0]
        judge(source.stream, frame, None, source.seen, [])

    def _decoded(self, source: Source, batch: RawBatch) -> tuple[pl.DataFrame, list[DeadLetter], int]:
        decoded = decode(source.stream, batch.values, batch.appended)
        offsets = pl.Series("offset", batch.offsets)
        frame = decoded.frame.with_columns(offsets.gather(decoded.frame["index"]))
        dead = [
            DeadLetter(
                source.topic,
                self.partition,
                int(batch.offsets[bad.index]),
                batch.values[bad.index],
                bad.reason,
                bad.pointer,
            )
            for bad in decoded.invalid
        ]
        for hindrance in self._hindrances[source.stream.stream]:
            hindered = frame.filter(hindrance.holds)
            if hindered.height:
                dead += [
                    DeadLetter(
                        source.topic, self.partition, offset, batch.values[index], hindrance.reason, hindrance.pointer
                    )
                    for offset, index in hindered.select("offset", "index").iter_rows()
                ]
                frame = frame.join(hindered.select("offset"), on="offset", how="anti", maintain_order="left")
        return frame, dead, decoded.unknown_fields

    def _places(self, source: Source, keys: pl.Series) -> pl.Series:
        """The partition that each key belongs on."""
        partitioner = "murmur2" if source.stream.partitioner == "any" else source.stream.partitioner
        return partitions_of(keys, partitioner, self._unit.partitions)

    def _here(self, source: Source, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Records whose key belongs to this partition, and those that are to be moved."""
        if self._unit.entity is None or frame.is_empty():
            return frame, frame.clear()
        here = self._places(source, frame[self._unit.entity.of[source.stream.stream]]) == self.partition
        return (frame, frame.clear()) if here.all() else (frame.filter(here), frame.filter(~here))

    def take(self, topic: str, batch: RawBatch) -> None:
        """Judges and merges a batch; records before the position are dropped, as they were taken before."""
        source = self.sources[topic]
        batch = batch.since(source.position)
        if not len(batch.offsets):
            return
        frame, dead, unknown = self._decoded(source, batch)
        frame, wrong = self._here(source, frame)
        elsewhere = [
            other.seen
            for other in self.sources.values()
            if other is not source and not other.history and not source.history
        ]
        judged = judge(source.judged, frame, source.watermark, source.seen, elsewhere)
        self._note(source, batch, judged.accepted, judged.watermark)
        self._dead += dead
        self._late += [
            LateRecord(topic, self.partition, offset, batch.values[index] or b"", lateness)
            for index, offset, lateness in judged.late.select("index", "offset", "lateness").iter_rows()
        ]
        self._move(source, batch, wrong)
        for fate, count in (
            ("invalid", len(dead)),
            ("rekeyed", wrong.height),
            ("duplicate", judged.duplicates),
            ("late", judged.late.height),
            ("aggregated", judged.accepted.height),
        ):
            source.fates[fate] += count
        source.unknown_fields += unknown
        self._contribute(source, judged.accepted)

    def _note(self, source: Source, batch: RawBatch, accepted: pl.DataFrame, watermark: int | None) -> None:
        self._changed = True
        source.position = int(batch.offsets[-1]) + 1
        source.appended = int(batch.appended[-1])
        source.watermark = watermark
        if accepted.height:
            lowest, highest = accepted.select(
                pl.col("time").min().alias("low"), pl.col("time").max().alias("high")
            ).row(0)
            source.first = lowest if source.first is None else min(source.first, lowest)
            source.last = highest if source.last is None else max(source.last, highest)

    def _move(self, source: Source, batch: RawBatch, wrong: pl.DataFrame) -> None:
        if wrong.is_empty() or self._unit.entity is None:
            return
        keys = wrong[self._unit.entity.of[source.stream.stream]]
        for place, index, value in zip(self._places(source, keys), wrong["index"], keys, strict=True):
            self._moved.append(MovedRecord(source.topic, place, value, batch.values[index] or b""))

    def _contribute(self, source: Source, accepted: pl.DataFrame) -> None:
        if accepted.is_empty():
            return
        for group, reducer in self._reducers[source.stream.stream]:
            self._panes.add(group, reducer.reduce(accepted))
        store = self._entities.get(source.history)
        if store is None:
            return
        for name, contributions in store.apply(accepted, self._horizon(source)).items():
            for group, reducer in self._entity_reducers[name]:
                self._panes.add(group, reducer.reduce(contributions))

    @staticmethod
    def _horizon(source: Source) -> int:
        if source.watermark is None or source.history:
            return -(2**62)
        return source.watermark - source.stream.lateness

    def skip(self, topic: str, start: int, stop: int) -> None:
        """Moves the position from `start` to `stop`, between which the log holds no record; nothing if it has moved."""
        source = self.sources[topic]
        if source.position == start:
            source.position = stop
            self._changed = True

    def advance_idle(self, topic: str, now: int) -> None:
        """An idle partition of a live stream: its watermark goes to `now` - idle timeout - disorder, by a mark in
        the log.

        The caller has seen that the log held nothing more for at least the idle timeout. `now`: epoch milliseconds.
        """
        source = self.sources[topic]
        if source.history or source.stream.clock != "live":
            return
        watermark = now - source.stream.idle_timeout - source.stream.disorder
        if source.watermark is None or watermark > source.watermark:
            source.watermark = watermark
            self._marks.append(
                IdleMark(self.name, topic, source.position, self.incarnation, self._number + 1, watermark)
            )
            self._changed = True

    def flush(self, now: int) -> Flush | None:
        """Everything since the last flush, or None where nothing happened.

        `now`: epoch milliseconds, for people only.
        """
        if not self._changed:
            return None
        self._changed = False
        self._number += 1
        before, after = self._watermark_flushed, self.watermark
        self._watermark_flushed = after
        records: list[Record] = list(self._panes.flush(Stamp(self.incarnation, self._number), before, after))
        for history, store in self._entities.items():
            horizon = min((self._horizon(s) for s in self.sources.values() if s.history == history), default=-(2**62))
            store.forget(horizon)
            records += store.flush(self.incarnation, self._number)
        records += {(mark.topic, mark.offset): mark for mark in self._marks}.values()
        topics = {
            topic: source.progress() for topic, source in self.sources.items() if source.position or not source.history
        }
        records.append(
            Progress(self.name, self.incarnation, self._number, now, topics, self._panes.retained, self.entity_count)
        )
        flush = Flush(self._number, records, self._dead, self._late, self._moved)
        self._marks, self._dead, self._late, self._moved = [], [], [], []
        return flush
