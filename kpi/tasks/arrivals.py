"""Reading a re-keyed topic. Nothing is judged here: what it holds was accepted where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpi.accepting.identifiers import identifier_hashes
from kpi.records import decode
from kpi.tasks.leaving import DeadLetter
from kpi.tasks.source import RawBatch, RekeyedSource
from kpi.units import Origin
from schemas.rekeying import Copied, Mark, Unreadable
from schemas.rekeying import decode as read_record
from schemas.topics import history_topic


@dataclass(frozen=True, slots=True)
class Arrived:
    """The new records of a batch, by whether they are of a backfill, and what could not be read."""

    accepted: dict[bool, pl.DataFrame]
    dead: list[DeadLetter]


def arrive(source: RekeyedSource, partition: int, batch: RawBatch) -> Arrived:
    """Takes a batch of copies and marks, and moves the source on. What is accepted is for the caller to count.

    What an origin has sent before is a duplicate: only a broker without transactions shows it twice.
    """
    copies: list[tuple[int, Copied]] = []
    unreadable: list[tuple[int, str, str]] = []
    for index, value in enumerate(batch.values):
        try:
            record = read_record(value)
        except Unreadable:
            unreadable.append((index, "not_rekeyed", ""))
            continue
        origin = Origin(record.topic, record.partition)
        if isinstance(record, Mark):
            source.mark(origin, record.watermark)
        elif source.is_repeat(origin, record.offset):
            source.fates["duplicate"] += 1
        else:
            copies.append((index, record))
    source.read(batch)
    decoded = decode(source.stream, [record.raw for _, record in copies], [record.appended for _, record in copies])
    # The stream's declaration may be another one than when the record was accepted.
    unreadable += [(copies[bad.index][0], bad.reason, bad.pointer) for bad in decoded.invalid]
    source.fates["invalid"] += len(unreadable)
    source.unknown_fields += decoded.unknown_fields
    dead = [
        DeadLetter(
            source.stream.stream,
            source.topic,
            partition,
            int(batch.offsets[index]),
            batch.values[index],
            reason,
            pointer,
        )
        for index, reason, pointer in unreadable
    ]
    frame = _placed(decoded.frame, copies)
    backfilled = pl.col("origin") == history_topic(source.stream.stream)
    accepted = {history: frame.filter(backfilled == history).drop("origin") for history in (False, True)}
    return Arrived(accepted, dead)


def _placed(frame: pl.DataFrame, copies: Sequence[tuple[int, Copied]]) -> pl.DataFrame:
    """With `index` in the batch, where each record came from (`origin`, its topic), and what was found there:
    `offset`, `horizon`, `identifier` and `target`.
    """
    places, records = frame["index"], [record for _, record in copies]
    columns = {
        "index": pl.Series([index for index, _ in copies], dtype=pl.UInt32),
        "origin": pl.Series([record.topic for record in records], dtype=pl.String),
        "offset": pl.Series([record.offset for record in records], dtype=pl.Int64),
        "horizon": pl.Series([record.horizon for record in records], dtype=pl.Int64),
    }
    named = frame.select("source", named=pl.coalesce("corrects", "voids"))
    targets = pl.Series(identifier_hashes(named.with_columns(pl.col("named").fill_null("")), "named"))
    return frame.with_columns(
        *(column.gather(places).alias(name) for name, column in columns.items()),
        pl.Series("identifier", identifier_hashes(frame)),
        pl.select(pl.when(named["named"].is_not_null()).then(targets).alias("target")).to_series(),
    )
