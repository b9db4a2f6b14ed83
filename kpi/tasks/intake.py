"""From raw records of a stream's topic to those that are accepted, and what becomes of the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpi.accepting.closings import judge_closings
from kpi.accepting.corrections import TimesOf, judge_corrections
from kpi.accepting.countable import hindrances
from kpi.accepting.fates import judge
from kpi.accepting.partitioning import partitions_of
from kpi.parts.lateness import Overdue
from kpi.records import decode
from kpi.tasks.leaving import DeadLetter, LateRecord, MovedRecord
from kpi.tasks.source import RawBatch, StreamSource
from kpi.units import Unit
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch after judging. `accepted`: a frame in log order, `index` being the place in the batch. `elsewhere`: the
    places of those that are moved.
    """

    accepted: pl.DataFrame
    dead: list[DeadLetter]
    late: list[LateRecord]
    moved: list[MovedRecord]
    elsewhere: pl.Series


class Intake:
    """Takes records of the streams that a unit owns, on one partition. What is accepted is for the caller to count."""

    def __init__(self, unit: Unit, partition: int, streams: Sequence[Stream]) -> None:
        self._unit, self._partition = unit, partition
        self._hindrances = {stream.stream: hindrances(stream) for stream in streams}
        self._overdue = {stream.stream: Overdue(stream) for stream in streams}
        # Only where records of one key must meet does it matter where they lie.
        self._keys = {stream.stream: stream.closing.per for stream in streams if stream.closing is not None}
        if unit.entity is not None:
            self._keys = {name: unit.entity.key_of(name)[0] for name in unit.streams}

    def remember(self, source: StreamSource, batch: RawBatch) -> None:
        """Notes the ids of a batch, and nothing else."""
        frame = self._here(source, self._decoded(source, batch)[0])[0]
        judge(source.stream, frame, None, source.seen)

    def take(self, source: StreamSource, batch: RawBatch, times_of: TimesOf | None) -> Taken:
        """Judges a batch and moves the source on. `times_of`: of events that may be corrected."""
        frame, dead, unknown = self._decoded(source, batch)
        frame, wrong = self._here(source, frame)
        judged = judge(source.judged, frame, source.watermark, source.seen)
        accepted, too_late = judged.accepted, judged.late
        if not source.history:
            accepted, overdue = self._overdue[source.stream.stream].split(accepted)
            too_late = _with(too_late, overdue)
            accepted, too_late = self._closed(source, accepted, too_late)
        if times_of is not None and source.stream.corrections is not None:
            plain, said, unheard = judge_corrections(accepted, source.stream.corrections, times_of)
            accepted = pl.concat([plain, said]).sort("offset") if said.height else plain
            too_late = _with(too_late, unheard)
        source.read(batch)
        source.watermark = judged.watermark
        for fate, count in (
            ("invalid", len(dead)),
            ("rekeyed", wrong.height),
            ("duplicate", judged.duplicates),
            ("late", too_late.height),
        ):
            source.fates[fate] += count
        source.unknown_fields += unknown
        source.conflicting += judged.conflicting
        stream = source.stream.stream
        late = [
            LateRecord(stream, source.topic, self._partition, offset, batch.values[index] or b"", lateness)
            for index, offset, lateness in too_late.select("index", "offset", "lateness").iter_rows()
        ]
        return Taken(accepted, dead, late, self._moved(source, batch, wrong), wrong["index"])

    def _closed(
        self, source: StreamSource, accepted: pl.DataFrame, late: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(accepted, late) once what is said of closed days is late, too."""
        if source.stream.closing is None or accepted.is_empty():
            return accepted, late
        judged = judge_closings(accepted, source.stream.closing, source.closed)
        source.closed = judged.closed
        return judged.accepted, _with(late, judged.late)

    def _decoded(self, source: StreamSource, batch: RawBatch) -> tuple[pl.DataFrame, list[DeadLetter], int]:
        decoded = decode(source.stream, batch.values, batch.appended)
        frame = decoded.frame.with_columns(pl.Series("offset", batch.offsets).gather(decoded.frame["index"]))
        reasons = [(bad.index, bad.reason, bad.pointer) for bad in decoded.invalid]
        for hindrance in self._hindrances[source.stream.stream]:
            hindered = frame.filter(hindrance.holds)
            if hindered.height:
                reasons += [(index, hindrance.reason, hindrance.pointer) for index in hindered["index"]]
                frame = frame.join(hindered.select("offset"), on="offset", how="anti", maintain_order="left")
        dead = [
            DeadLetter(
                source.stream.stream,
                source.topic,
                self._partition,
                int(batch.offsets[index]),
                batch.values[index],
                reason,
                pointer,
            )
            for index, reason, pointer in reasons
        ]
        return frame, dead, decoded.unknown_fields

    def _places(self, source: StreamSource, keys: pl.Series) -> pl.Series:
        """The partition that each key belongs on."""
        partitioner = "murmur2" if source.stream.partitioner == "any" else source.stream.partitioner
        return partitions_of(keys, partitioner, self._unit.partitions)

    def _here(self, source: StreamSource, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Records whose key belongs to this partition, and those that are to be moved. Without a key any will do."""
        key = self._keys.get(source.stream.stream)
        if key is None or frame.is_empty():
            return frame, frame.clear()
        keys = frame[key].cast(pl.String)
        here = (self._places(source, keys.fill_null("")) == self._partition) | keys.is_null()
        return (frame, frame.clear()) if here.all() else (frame.filter(here), frame.filter(~here))

    def _moved(self, source: StreamSource, batch: RawBatch, wrong: pl.DataFrame) -> list[MovedRecord]:
        if wrong.is_empty():
            return []
        keys = wrong[self._keys[source.stream.stream]].cast(pl.String)
        return [
            MovedRecord(source.topic, place, key, batch.values[index] or b"")
            for place, index, key in zip(self._places(source, keys), wrong["index"], keys, strict=True)
        ]


def _with(late: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """What is late, in log order, once more of the batch turns out to be."""
    return pl.concat([late, more.select(late.columns)]).sort("offset") if more.height else late
