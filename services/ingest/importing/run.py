"""An import from its files to their last event on Kafka."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from schemas.records import RecordValidator
from schemas.streams import Stream
from schemas.times import milliseconds_of
from schemas.topics import history_topic, stream_topic
from services.ingest.importing.chunks import ChunkWriter
from services.ingest.importing.files import Source, open_source
from services.ingest.importing.one_file import FileImport
from services.ingest.importing.pacing import Pace
from services.ingest.importing.progress import ImportKey, ImportProgress, read_progress
from services.ingest.importing.results import FileResult, ImportReport, ImportResult
from services.ingest.importing.table import MappingRefused, Table
from services.ingest.memory import memory_refusal
from services.ingest.suggestions import did_you_mean
from services.runtime.broker import kafka_of
from services.runtime.clock import Clock, wall_clock
from services.runtime.kafka import capabilities
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics


class ImportRefused(Exception):
    """An import that cannot begin; says why, and what to do."""


async def import_files(
    settings: Settings,
    catalogue: Catalogue,
    files: Sequence[Path],
    stream: str,
    *,
    mapping: Mapping[str, str],
    speed: float | None,
    as_of: int | None,
    backfill: bool,
    report: ImportReport,
    clock: Clock = wall_clock,
) -> ImportResult:
    """Import files, one after the other, into a stream or its history topic, and return once all is confirmed.

    `mapping`: column by field, before what the stream declares. `speed`: event seconds a second; None: all at once.
    `as_of`: what the time of the files' last event becomes (epoch milliseconds), all others with it; None: as they are.
    A second run of the same file to the same topic with the same shift adds nothing; one that was cut off continues.

    Raises FileRefused, ImportRefused, ChunkNotWritten, KafkaUnavailable, NotRunning, TopicMismatch.
    """
    declared = _declared(catalogue, stream)
    validator, delimiter = RecordValidator(declared), declared.table.delimiter or ","
    tables = [
        (source := open_source(file, delimiter), _table(source.columns, declared, mapping, file)) for file in files
    ]
    shift = 0 if as_of is None else as_of - _last_time(tables, validator, clock)
    kafka = kafka_of(settings)
    broker = await capabilities(kafka)
    await ensure_topics(kafka, topic_specs(catalogue), settings.replication_factor)
    topic = history_topic(stream) if backfill else stream_topic(stream)
    result = ImportResult(shift)
    allowance = None if backfill or declared.clock == "replay" else declared.disorder + declared.lateness
    refusal = memory_refusal(settings)
    pace = Pace(speed, time.monotonic)
    for source, table in tables:
        key = ImportKey(source.digest, topic, shift)
        async with ChunkWriter(kafka, broker, key, refusal) as writer:
            # Read after the writer has begun, which settles what an earlier run left open.
            before = (await read_progress(kafka, [key])).get(key, ImportProgress())
            if before.done and before.accepted:
                result.files.append(FileResult(source.file, before=before.rows))
                continue
            if before.done:
                # Nothing of it was taken, perhaps for want of a mapping: nothing can be there twice.
                before = ImportProgress()
            report.begin(source.file, source.rows, before.rows)
            file = FileImport(source, table, validator, shift, clock, allowance=allowance)
            await file.run(before, writer, pace, result, report)
            report.end()
    return result


def _declared(catalogue: Catalogue, stream: str) -> Stream:
    found = catalogue.streams.get(stream)
    if found is None:
        raise ImportRefused(f"there is no stream {stream!r}{did_you_mean(stream, catalogue.streams)}")
    return found


def _table(columns: Sequence[str] | None, stream: Stream, mapping: Mapping[str, str], file: Path) -> Table:
    try:
        return Table(stream, mapping, columns)
    except MappingRefused as error:
        raise ImportRefused(f"{file}: {error}") from None


def _last_time(tables: Sequence[tuple[Source, Table]], validator: RecordValidator, clock: Clock) -> int:
    moments = (
        milliseconds_of(value.get("time"))
        for source, table in tables
        for _, value in FileImport(source, table, validator, 0, clock).events()
        if isinstance(value, dict)
    )
    last = max((moment for moment in moments if moment is not None), default=None)
    if last is None:
        raise ImportRefused("no row has a time that could be moved: --map time=COLUMN says where it stands")
    return last
