"""Watermark, lateness and duplicates, judged record by record in log order."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi.accepting.corrections import Naming
from kpi.accepting.identifiers import SeenIdentifiers, content_digests, identifier_hashes
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch after judging. `accepted`, `late`: frames in log order, `late` with `lateness` (milliseconds behind).

    Both also have `identifier` (UInt64 hash of source and id), `horizon` (Int64: the watermark just after that record
    less the lateness), and for corrections and voids `target` (UInt64 hash of source and the id that they name, null
    for plain events) and `target_seen` (whether a record with that id came before). `conflicting` are those of the
    `duplicates` whose content is not that of the first. `watermark` is the partition's after the batch; None before
    any event was seen.
    """

    accepted: pl.DataFrame
    late: pl.DataFrame
    duplicates: int
    conflicting: int
    watermark: int | None


def watermark_after(times: pl.Expr, disorder: int, before: int | None) -> pl.Expr:
    """The watermark just after each record: the highest time so far less the disorder, never below what it was."""
    running = times.cum_max() - disorder
    return running if before is None else pl.max_horizontal(running, pl.lit(before, dtype=pl.Int64))


def judge(
    stream: Stream,
    frame: pl.DataFrame,
    watermark: int | None,
    seen: SeenIdentifiers,
) -> Judged:
    """Judges the valid records of one partition (`offset`, `source`, `id`, `time` and the fields), in log order.

    A known (source, id) is a duplicate, whatever its time; a record more than the lateness behind the watermark is
    late; every record moves the watermark first.
    """
    hashes, digests, offsets = identifier_hashes(frame), content_digests(frame), frame["offset"].to_numpy()
    naming = Naming.of(frame, hashes, seen) if stream.corrections is not None else Naming.nothing(frame)
    sighting = seen.add(hashes, digests, offsets)
    fresh, conflicting = sighting.fresh, sighting.conflicting
    judged = frame.with_columns(
        pl.Series("identifier", hashes),
        naming.target,
        naming.target_seen,
        (watermark_after(pl.col("time"), stream.disorder, watermark) - stream.lateness).alias("horizon"),
    )
    after = judged["horizon"][-1] + stream.lateness if judged.height else watermark
    new = judged if fresh.all() else judged.filter(pl.Series(fresh))
    in_time = pl.col("time") >= pl.col("horizon")
    lateness = (pl.col("horizon") + stream.lateness - pl.col("time")).alias("lateness")
    if new.select(in_time.all()).item():
        accepted, late = new, new.clear().with_columns(lateness)
    else:
        accepted, late = new.filter(in_time), new.filter(~in_time).with_columns(lateness)
    return Judged(accepted, late, int(np.count_nonzero(~fresh)), int(np.count_nonzero(conflicting)), after)
