"""The work of one task, batch by batch and flush by flush."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from kpi.entities.journal import USUAL, Consolidation
from kpi.grains import grains
from kpi.panes.store import PaneStore, Stamp
from kpi.plan import Plan
from kpi.tasks.arrivals import arrive
from kpi.tasks.contributing import Contributor
from kpi.tasks.coverage import Wanted, covered
from kpi.tasks.fates import fates_by_arrival
from kpi.tasks.intake import Intake
from kpi.tasks.leaving import DeadLetter, LateRecord, MovedRecord, RekeyedRecord
from kpi.tasks.rekeying import Rekeying
from kpi.tasks.restoring import settled
from kpi.tasks.source import RawBatch, RekeyedSource, Source, StreamSource
from kpi.tasks.sources import sources_of
from kpi.units import Unit
from schemas.kpis import Catalogue
from schemas.progress import Work
from schemas.wire import Base, Coverage, IdleMark, Progress, Record, Rows

TOO_MANY = "its key has more records that can still be out of order than the entity's `most`: declare more"


@dataclass(frozen=True, slots=True)
class Flush:
    """What one transaction writes: `records` to the panes topic (progress last), and what leaves for other topics.

    `marks` say how far the task has come. They follow its copies, `rekeyed`; and where there are no transactions, the
    panes, too: nothing may be said that a crash can take back.
    """

    number: int
    records: list[Record]
    dead: list[DeadLetter]
    late: list[LateRecord]
    moved: list[MovedRecord]
    rekeyed: list[RekeyedRecord]
    marks: list[RekeyedRecord]


class Task:
    """State and work of partition `partition` of a unit. Not thread-safe.

    After a failed write it is thrown away and read back. `work`: how the work on it goes, as its owner says; the next
    flush tells it. `coverage`: what it counts, and since when. `consolidation`: how the log of entities is kept
    short; None where the broker does not compact.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        plan: Plan,
        unit: Unit,
        partition: int,
        incarnation: str,
        *,
        consolidation: Consolidation | None = USUAL,
    ) -> None:
        self.name = f"{unit.name}/{partition}"
        self.partition, self.incarnation = partition, incarnation
        self.sources = sources_of(unit, catalogue.streams)
        self._live = [source for source in self.sources.values() if source.is_live]
        self._own = [source for source in self.sources.values() if isinstance(source, StreamSource)]
        groups = {name: group for name, group in plan.groups.items() if group.unit == unit.name}
        reporting, kept = catalogue.reporting, grains(catalogue.reporting.zones)
        self._wanted = Wanted(unit, groups, tuple(grain.name for grain in kept), plan.catalogue)
        self.coverage = covered(self._wanted, None, None)
        self._gone: list[Rows | Base] = []
        self._panes = PaneStore(
            self.name,
            tuple(groups.values()),
            kept,
            most_groups=reporting.most_groups,
            most_keys=reporting.most_keys,
        )
        self._contributor = Contributor(catalogue, plan, unit, self.name, self._panes, consolidation=consolidation)
        self._intake = Intake(unit, partition, [catalogue.streams[name] for name in unit.streams])
        self._rekeying = Rekeying(unit.writes, partition)
        self._is_heard = bool(unit.writes)
        self.work = Work()
        self._number = 0
        self._watermark_flushed: int | None = None
        self._idle: list[IdleMark] = []
        self._dead: list[DeadLetter] = []
        self._late: list[LateRecord] = []
        self._moved: list[MovedRecord] = []
        self._changed, self._covering = False, True

    @property
    def watermark(self) -> int | None:
        """The lowest watermark of the live topics, epoch milliseconds; None until each has one."""
        marks = [source.watermark for source in self._live]
        return None if any(mark is None for mark in marks) else min(mark for mark in marks if mark is not None)

    @property
    def horizon(self) -> int | None:
        """The time before which no live record is accepted any more, epoch milliseconds; None while there is none."""
        horizons = [s.watermark - s.stream.lateness for s in self._live if s.watermark is not None]
        return min(horizons) if len(horizons) == len(self._live) else None

    @property
    def row_count(self) -> int:
        """Pane rows held."""
        return self._panes.row_count

    @property
    def entity_count(self) -> int:
        """Entities held."""
        return self._contributor.entity_count

    def restore(self, records: Iterable[Record], rows: Iterable[Rows] = ()) -> None:
        """Takes over the settled records of the log: the last of each key, in any order.

        `rows`: those of panes, where they are many: each group's and grain's together. They are asked for one group and
        grain at a time, so that no more of them are in memory at once.
        Raises CannotContinue where going on from them would give wrong values, and UnknownEncoding.
        """
        found = settled(records, rows)
        said, progress = found.coverage, found.progress
        self.coverage = covered(self._wanted, said, progress)
        self._covering = said is None or said != self._covered_in(said)
        retained, folded = ({}, {}) if progress is None else (progress.retained, progress.folded)
        if progress is not None:
            self._number, self.work = progress.flush, progress.work
            for topic, standing in progress.topics.items():
                if topic in self.sources:
                    self.sources[topic].restore(standing)
            for source in self._own:
                source.closed = dict(progress.closed.get(source.topic, {}))
            # The marks of the last flush may be missing, and nobody moves on without them. Readers wait for what is
            # counted from now on, too.
            self._changed = self._is_heard or self._covering
        bases = found.present_bases(self._wanted.groups)
        self._panes.restore(found.present_rows(self._wanted.groups), bases, retained, folded)
        self._gone = found.gone
        self._contributor.restore(found.blocks, {} if progress is None else progress.consolidated)
        self._contributor.earliest = {} if progress is None else dict(progress.earliest)
        self._watermark_flushed = self.watermark

    def _covered_in(self, said: Coverage) -> Coverage:
        return self.coverage.record(said.task, said.incarnation, said.flush, self._wanted)

    def remember(self, topic: str, batch: RawBatch) -> None:
        """Rebuilds the ids of records before the position, without counting them again."""
        source = self.sources[topic]
        if isinstance(source, StreamSource):
            self._intake.remember(source, batch)

    def take(self, topic: str, batch: RawBatch) -> None:
        """Judges and merges a batch; records before the position are dropped, as they were taken before."""
        source = self.sources[topic]
        batch = batch.since(source.position)
        if not len(batch.offsets):
            return
        self._changed = True
        if isinstance(source, RekeyedSource):
            self._take_rekeyed(source, batch)
        elif isinstance(source, StreamSource):
            self._take_own(source, batch)

    def _take_own(self, source: StreamSource, batch: RawBatch) -> None:
        times_of = self._contributor.times_of(source.stream.stream, history=source.history)
        taken = self._intake.take(source, batch, times_of)
        self._dead += taken.dead
        self._late += taken.late
        self._moved += taken.moved
        counted = self._count(source, batch, taken.accepted, history=source.history)
        self._rekeying.add(source, batch, counted)
        stream = source.stream.stream
        if self._contributor.wants_fates(stream):
            self._contributor.add_fates(stream, fates_by_arrival(stream, batch, taken, counted))

    def _take_rekeyed(self, source: RekeyedSource, batch: RawBatch) -> None:
        arrived = arrive(source, self.partition, batch)
        self._dead += arrived.dead
        for history, accepted in arrived.accepted.items():
            self._count(source, batch, accepted, history=history)

    def _count(self, source: Source, batch: RawBatch, accepted: pl.DataFrame, *, history: bool) -> pl.DataFrame:
        stream = source.stream.stream
        counted, refused = self._contributor.add(stream, accepted, history=history)
        source.accept(counted)
        source.fates["invalid"] += refused.height
        self._dead += [
            DeadLetter(
                stream, source.topic, self.partition, int(batch.offsets[index]), batch.values[index], TOO_MANY, ""
            )
            for index in refused["index"]
        ]
        return counted

    def skip(self, topic: str, start: int, stop: int) -> None:
        """Moves the position from `start` to `stop`, between which the log holds no record; nothing if it has moved."""
        source = self.sources[topic]
        if source.position == start:
            source.position = stop
            self._changed = True

    def miss(self, topic: str, count: int) -> None:
        """So many records that were to be read are gone from the beginning of the log."""
        self.sources[topic].lost += count
        self._changed = True

    def advance_idle(self, topic: str, now: int) -> None:
        """An idle partition of a live stream: its watermark goes to `now` - idle timeout - disorder, by a mark in
        the log. A re-keyed topic waits for the marks of its origins instead.

        The caller has seen that the log held nothing more for at least the idle timeout, and flushes before it takes
        more: copies judged by a mark that is lost would differ from those that follow. `now`: epoch milliseconds.
        """
        source = self.sources[topic]
        if not isinstance(source, StreamSource) or source.history or source.stream.clock != "live":
            return
        watermark = now - source.stream.idle_timeout - source.stream.disorder
        if source.watermark is None or watermark > source.watermark:
            source.watermark = watermark
            self._idle.append(
                IdleMark(self.name, topic, source.position, self.incarnation, self._number + 1, watermark)
            )
            self._changed = True

    def flush(self, now: int, *, whole: bool = False) -> Flush | None:
        """Everything since the last flush, or None where nothing happened.

        `now`: epoch milliseconds, for people only. `whole`: with all that is kept of entities and events, in the place
        of whatever the log holds of them.
        """
        if not (self._changed or whole):
            return None
        self._changed = False
        self._number += 1
        before, after = self._watermark_flushed, self.watermark
        self._watermark_flushed = after
        # What is gone comes first: the same pane may have new rows.
        records: list[Record] = [replace(gone, incarnation=self.incarnation, flush=self._number) for gone in self._gone]
        records += self._panes.flush(Stamp(self.incarnation, self._number), before, after)
        records += self._contributor.flush(self.incarnation, self._number, self.horizon, whole=whole)
        records += {(mark.topic, mark.offset): mark for mark in self._idle}.values()
        if self._covering:
            records.append(self.coverage.record(self.name, self.incarnation, self._number, self._wanted))
        topics = {
            topic: source.progress() for topic, source in self.sources.items() if source.position or source.is_live
        }
        records.append(
            Progress(
                self.name,
                self.incarnation,
                self._number,
                now,
                topics,
                self._panes.retained,
                self.entity_count,
                self._panes.folded,
                self._contributor.consolidated,
                self.work,
                earliest=dict(self._contributor.earliest),
                closed={source.topic: dict(source.closed) for source in self._own if source.closed},
            )
        )
        copies, marks = self._rekeying.flush(self._own)
        flush = Flush(self._number, records, self._dead, self._late, self._moved, copies, marks)
        self._idle, self._dead, self._late, self._moved = [], [], [], []
        self._gone, self._covering = [], False
        return flush
