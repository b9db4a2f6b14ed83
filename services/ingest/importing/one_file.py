"""One file on its way to Kafka: its rows judged, and written in chunks."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.records import Flaw, Mistake, RecordValidator
from schemas.times import milliseconds_of
from services.ingest.importing.chunks import ChunkWriter
from services.ingest.importing.files import Row, Source
from services.ingest.importing.pacing import Pace
from services.ingest.importing.progress import ImportProgress
from services.ingest.importing.results import MOST_LISTED, FileResult, ImportReport, ImportResult, RejectedRow
from services.ingest.importing.table import Table
from services.ingest.outgoing import MOST_BYTES, Outgoing, outgoing
from services.runtime.clock import Clock

CHUNK_ROWS = 5_000
CHUNK_SECONDS = 0.5
"""A paced import writes a chunk this long after the one before, if there is anything to write."""


class FileImport:
    """What a file's rows become. Times are moved by `shift` milliseconds; ids are made up where rows have none.

    `allowance`: how far behind now an event may lie, in milliseconds, before it is noted as behind; None: any way.
    """

    def __init__(
        self,
        source: Source,
        table: Table,
        validator: RecordValidator,
        shift: int,
        clock: Clock,
        *,
        allowance: int | None = None,
    ) -> None:
        self.source = source
        self._allowance = allowance
        self._table = table
        self._validator = validator
        self._shift = shift
        self._clock = clock

    def events(self) -> Iterator[tuple[Row, Any]]:
        """Its rows with what is to be judged: an event before its time is moved, or the mistake that there is none."""
        for row in self.source.read():
            yield row, self._table.event(row.content) if isinstance(row.content, Mapping) else row.content

    def judge(self, row: Row, value: Any) -> tuple[Outgoing, int] | Mistake:
        """The record of a row and its event's time, or what is wrong with it."""
        if isinstance(value, Mistake):
            return value
        if isinstance(value, dict):
            moment = milliseconds_of(value.get("time"))
            value = {
                **value,
                **({"id": self._name(row)} if value.get("id") is None else {}),
                **({"time": moment + self._shift} if moment is not None else {}),
            }
        event = self._validator.validate(value, self._clock())
        if isinstance(event, list):
            return event[0]
        record = outgoing(self._validator.stream, event)
        if record.size > MOST_BYTES:
            return Mistake("", f"{record.size} bytes, where an event may have {MOST_BYTES}", Flaw.too_large)
        return record, event["time"]

    def _name(self, row: Row) -> str:
        """The id of a row that has none: the same whenever the same file is imported with the same shift."""
        return f"{self.source.digest[:16]}-{self._shift}-{row.number}"

    async def run(
        self, before: ImportProgress, writer: ChunkWriter, pace: Pace, result: ImportResult, report: ImportReport
    ) -> None:
        """Write what an earlier run has not. Raises ChunkNotWritten, and FileRefused where the file breaks off."""
        chunk = _Chunk(before, FileResult(self.source.file, before=before.rows), writer, report)
        result.files.append(chunk.result)
        for row, value in self.events():
            if row.number < before.rows:
                continue
            verdict = self.judge(row, value)
            if isinstance(verdict, Mistake):
                chunk.reject(row)
                if len(result.listed) < MOST_LISTED:
                    result.listed.append(RejectedRow(self.source.file, row.line, verdict.pointer, verdict.reason))
            else:
                record, moment = verdict
                early = pace.early(moment)
                if early:
                    await chunk.write_if_due(early)
                    await pace.wait(early)
                chunk.add(row, record)
                if self._allowance is not None and moment < self._clock() - self._allowance:
                    chunk.result.behind += 1
            if chunk.full:
                await chunk.write()
        await chunk.write(done=True)


class _Chunk:
    """Records that are not written yet, and how far the file is."""

    def __init__(self, before: ImportProgress, result: FileResult, writer: ChunkWriter, report: ImportReport) -> None:
        self.result = result
        self._before = before
        self._writer = writer
        self._report = report
        self._records: list[Outgoing] = []
        self._written = self._rows = before.rows
        self._last = time.monotonic()

    @property
    def full(self) -> bool:
        return self._rows - self._written >= CHUNK_ROWS

    def add(self, row: Row, record: Outgoing) -> None:
        self._records.append(record)
        self._rows = row.number + 1
        self.result.accepted += 1

    def reject(self, row: Row) -> None:
        self._rows = row.number + 1
        self.result.rejected += 1

    async def write_if_due(self, pause: float) -> None:
        """Write before a pause of so many seconds that would keep the records waiting for long."""
        if self._records and time.monotonic() + pause > self._last + CHUNK_SECONDS:
            await self.write()

    async def write(self, *, done: bool = False) -> None:
        accepted = self._before.accepted + self.result.accepted
        rejected = self._before.rejected + self.result.rejected
        await self._writer.write(self._records, ImportProgress(self._rows, accepted, rejected, done))
        self._report.advance(self._rows - self._written)
        self._records.clear()
        self._written, self._last = self._rows, time.monotonic()
