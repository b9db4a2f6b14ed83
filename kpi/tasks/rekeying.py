"""What a task writes to re-keyed topics: copies of what it accepts, and after them how far it has come."""

from collections.abc import Iterable

import polars as pl

from kpi.accepting.partitioning import partitions_of
from kpi.tasks.leaving import RekeyedRecord
from kpi.tasks.source import RawBatch, StreamSource
from kpi.units import Rekeyed
from schemas.rekeying import Copied, Mark, encode

PARTITIONER = "murmur2"


class Rekeying:
    """Copies the accepted records of one task, until each flush."""

    def __init__(self, writes: tuple[Rekeyed, ...], partition: int) -> None:
        self._writes, self._partition = writes, partition
        self._copies: list[RekeyedRecord] = []

    def add(self, source: StreamSource, batch: RawBatch, accepted: pl.DataFrame) -> None:
        """Copies accepted records of a batch; one without a value of the field is left out."""
        if not self._writes or accepted.is_empty():
            return
        values = [
            encode(
                Copied(
                    source.topic,
                    self._partition,
                    int(batch.offsets[index]),
                    int(batch.appended[index]),
                    horizon,
                    batch.values[index] or b"",
                )
            )
            for index, horizon in accepted.select("index", _horizon(accepted)).iter_rows()
        ]
        frame = accepted.with_columns(pl.Series("__value", values, pl.Binary))
        for rekeyed in self._writes:
            if rekeyed.stream != source.stream.stream:
                continue
            keyed = frame.select(pl.col(rekeyed.field).cast(pl.String).alias("key"), "__value").drop_nulls("key")
            places = partitions_of(keyed["key"], PARTITIONER, rekeyed.partitions)
            self._copies += [
                RekeyedRecord(rekeyed.topic, place, key, value)
                for place, (key, value) in zip(places, keyed.iter_rows(), strict=True)
            ]

    def flush(self, sources: Iterable[StreamSource]) -> tuple[list[RekeyedRecord], list[RekeyedRecord]]:
        """The copies since the last flush, and a mark of each live source for every partition that may hold some.

        A partition is marked also where it got no copy, since what reads it waits for all of its origins.
        """
        copies, self._copies = self._copies, []
        marks = []
        for source in sources:
            if source.history or source.watermark is None:
                continue
            value = encode(Mark(source.topic, self._partition, source.watermark))
            marks += [
                RekeyedRecord(rekeyed.topic, place, None, value)
                for rekeyed in self._writes
                if rekeyed.stream == source.stream.stream
                for place in range(rekeyed.partitions)
            ]
        return copies, marks


def _horizon(accepted: pl.DataFrame) -> pl.Expr:
    return pl.col("horizon") if "horizon" in accepted.columns else pl.lit(None, pl.Int64).alias("horizon")
