"""Watermark, lateness and duplicates, judged record by record in log order."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi.accepting.identifiers import SeenIdentifiers, identifier_hashes
from schemas.streams import Stream


@dataclass(frozen=True, slots=True)
class Judged:
    """A batch after judging. `accepted`, `late`: frames in log order, `late` with `lateness` (milliseconds behind).

    `watermark` is the partition's after the batch; None before any event was seen.
    """

    accepted: pl.DataFrame
    late: pl.DataFrame
    duplicates: int
    watermark: int | None


def watermark_after(times: pl.Expr, disorder: int, before: int | None) -> pl.Expr:
    """The watermark just after each record: the highest time so far less the disorder, never below what it was."""
    running = times.cum_max() - disorder
    return running if before is None else pl.max_horizontal(running, pl.lit(before, dtype=pl.Int64))


def judge(
    stream: Stream, frame: pl.DataFrame, watermark: int | None, seen: SeenIdentifiers, elsewhere: list[SeenIdentifiers]
) -> Judged:
    """Judges the valid records of one partition (`offset`, `source`, `id`, `time` and the fields), in log order.

    A known (source, id) is a duplicate, whatever its time; a record more than the lateness behind the watermark is
    late; every record moves the watermark first. `elsewhere`: what other topics of the same task remember.
    """
    if frame.is_empty():
        return Judged(frame, frame.with_columns(lateness=pl.lit(0, pl.Int64)), 0, watermark)
    hashes = identifier_hashes(frame)
    fresh = seen.add(hashes, frame["offset"].to_numpy())
    for other in elsewhere:
        fresh &= ~other.contains(hashes)
    judged = frame.with_columns(watermark_after(pl.col("time"), stream.disorder, watermark).alias("watermark"))
    new = judged.filter(pl.Series(fresh)) if not fresh.all() else judged
    lateness = pl.col("watermark") - pl.col("time")
    after: int = judged["watermark"][-1]
    worst = new.select(lateness.max()).item() if new.height else 0
    if worst <= stream.lateness:
        accepted, late = new.drop("watermark"), new.clear().with_columns(lateness=pl.lit(0, pl.Int64)).drop("watermark")
    else:
        accepted = new.filter(lateness <= stream.lateness).drop("watermark")
        late = new.filter(lateness > stream.lateness).with_columns(lateness=lateness).drop("watermark")
    return Judged(accepted, late, int(np.count_nonzero(~fresh)), after)
