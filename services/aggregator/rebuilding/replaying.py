"""One task, built anew in memory from the records that its topics still hold."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Protocol

from kpi.tasks.source import RawBatch, Source, StreamSource
from kpi.tasks.task import Task
from schemas.entities import NEVER
from services.aggregator.rebuilding.building import Built

RECORDS_A_FLUSH = 20_000
Extents = Mapping[str, tuple[int, int]]
"""By topic, the offset of the first record that is read, and where the log ends."""
Marks = Mapping[tuple[str, int], int]
"""Watermarks that silence brought, by topic and the offset of the next record."""


class Records(Protocol):
    """The raw records of one task."""

    async def begin(self, moment: int | None, positions: Mapping[str, int]) -> Extents:
        """Goes to the first record of each topic, or the first appended at `moment` or later; the offset, and where the
        log ends now. `positions`: up to where others have read.
        """

    async def next(self, stops: Mapping[str, int]) -> tuple[str, RawBatch] | None:
        """The next records before these offsets, of one topic; None where there are no more."""


class Replay:
    """Reads on and on, up to where the workers have come, and never beyond.

    `starts`, `ends`: by topic, the offset of the first record that is read, and where the log ended then. `moment`:
    the append time that was asked for (epoch milliseconds), None for all that there is.
    """

    def __init__(self, task: Task, built: Built, records: Records, moment: int | None) -> None:
        self.task, self.built, self._records, self._moment = task, built, records, moment
        self.starts: dict[str, int] = {}
        self.ends: dict[str, int] = {}
        self.read = 0
        self._unflushed = 0
        self._highest: dict[str, int] = {}
        self._passed: dict[str, int] = {}

    async def begin(self, positions: Mapping[str, int]) -> None:
        """Finds the first records. `positions`: up to where the workers have read each topic."""
        extents = await self._records.begin(self._moment, positions)
        self.starts = {topic: start for topic, (start, _) in extents.items()}
        self.ends = {topic: end for topic, (_, end) in extents.items()}
        for topic, start in self.starts.items():
            self.task.sources[topic].position = start

    def remaining(self, stops: Mapping[str, int]) -> int:
        """How many offsets are still to be read before these."""
        return sum(max(stop - self.task.sources[topic].position, 0) for topic, stop in stops.items())

    async def run(self, stops: Mapping[str, int], marks: Marks, now: int, advanced: Callable[[int], None]) -> None:
        """Takes every record before these offsets, and the marks up to them. `advanced` is told how many, in steps.

        `marks` has all that the task had written when it stood at `stops`. `now`: epoch milliseconds, for people.
        """
        silences = {topic: sorted(offset for name, offset in marks if name == topic) for topic in self.starts}
        while (found := await self._records.next(stops)) is not None:
            topic, batch = found
            before = self.task.sources[topic].position
            self._take(topic, batch, silences[topic], marks)
            self.read += len(batch.values)
            self._unflushed += len(batch.values)
            if self._unflushed >= RECORDS_A_FLUSH:
                self.flush(now)
            advanced(self.task.sources[topic].position - before)
        for topic, stop in stops.items():
            position = self.task.sources[topic].position
            if position < stop:
                # Nothing but markers of transactions, and what was given up, lies between.
                self.task.skip(topic, position, stop)
                advanced(stop - position)
            self._be_silent(topic, stop, silences[topic], marks)

    def flush(self, now: int, *, whole: bool = False) -> None:
        """Keeps what the task writes; what can be forgotten of entities is let go of. `whole`: see `Task.flush`."""
        flush = self.task.flush(now, whole=whole)
        self._unflushed = 0
        if flush is not None:
            self.built.add(flush)

    def missing(self) -> int | None:
        """From when on (epoch milliseconds) the log has everything; None: it has everything.

        What was asked for, and as much as streams let events be dated ahead of their arrival. Else what no record can
        have been ahead of that was in the log before: of those read first, the latest event, and as much as its stream
        lets one be behind.
        """
        gone = [topic for topic, start in self.starts.items() if start > 0]
        if not gone:
            return None
        if self._moment is not None:
            return self._moment + max(self.task.sources[topic].stream.ahead for topic in gone)
        return max(self._missing_of(topic, self.task.sources[topic]) for topic in gone)

    def _missing_of(self, topic: str, source: Source) -> int:
        highest = self._highest.get(topic)
        if highest is None or source.last is None:
            return NEVER
        # Histories come in any order: later than all of it is all that can be said.
        return highest + source.stream.disorder + source.stream.lateness if source.is_live else source.last + 1

    def _take(self, topic: str, batch: RawBatch, silences: list[int], marks: Marks) -> None:
        last = int(batch.offsets[-1])
        for offset in silences[bisect_left(silences, self._passed.get(topic, 0)) :]:
            if offset > last:
                break
            self._taken(topic, batch.before(offset))
            batch = batch.since(offset)
            self._hear_nothing(topic, marks[topic, offset])
        self._taken(topic, batch)
        self._passed[topic] = last + 1

    def _taken(self, topic: str, batch: RawBatch) -> None:
        if not len(batch.offsets):
            return
        self.task.take(topic, batch)
        source = self.task.sources[topic]
        if topic not in self._highest and source.last is not None:
            self._highest[topic] = source.last

    def _be_silent(self, topic: str, stop: int, silences: list[int], marks: Marks) -> None:
        """The marks from the last record on, up to `stop`."""
        for offset in silences[bisect_left(silences, self._passed.get(topic, 0)) :]:
            if offset <= stop:
                self._hear_nothing(topic, marks[topic, offset])
        self._passed[topic] = max(stop, self._passed.get(topic, 0))

    def _hear_nothing(self, topic: str, watermark: int) -> None:
        source = self.task.sources[topic]
        if isinstance(source, StreamSource) and (source.watermark is None or watermark > source.watermark):
            source.watermark = watermark
            self.task.skip(topic, source.position, source.position)
