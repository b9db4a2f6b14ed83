"""What `corrects` and `voids` name, and whether they still take effect."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi.accepting.hash_table import Hashes
from kpi.accepting.identifiers import SeenIdentifiers, identifier_hashes

TimesOf = Callable[[Hashes], pl.Series | np.ndarray[tuple[int], np.dtype[np.int64]]]
"""The times of held plain events by the hashes of (source, id), Int64 epoch milliseconds: null or -1 where none is."""

_NAMED = pl.coalesce("corrects", "voids")


@dataclass(frozen=True, slots=True)
class Naming:
    """Of each record of a batch: `target`, the hash of the (source, id) that it corrects or voids (UInt64, null for
    plain events), and `target_seen`, whether a record with that id came before it (Boolean).
    """

    target: pl.Series
    target_seen: pl.Series

    @classmethod
    def nothing(cls, frame: pl.DataFrame) -> "Naming":
        """No record names another one."""
        nulls = pl.Series("target", [None], pl.UInt64).new_from_index(0, frame.height)
        return cls(nulls, pl.Series("target_seen", [False]).new_from_index(0, frame.height))

    @classmethod
    def of(cls, frame: pl.DataFrame, hashes: Hashes, seen: SeenIdentifiers) -> "Naming":
        """What the records name (`offset`, `source`, `corrects`, `voids`; `hashes` of their own ids). `seen`: before
        the batch is added to it.
        """
        if frame["corrects"].null_count() == frame["voids"].null_count() == frame.height:
            return cls.nothing(frame)
        naming = frame.select(row=pl.int_range(pl.len()), offset="offset", source="source", named=_NAMED)
        naming = naming.filter(pl.col("named").is_not_null())
        naming = naming.with_columns(pl.Series("target", identifier_hashes(naming, "named")))
        batch = frame.select(pl.col("offset"), before=pl.col("offset"), identifier=pl.Series(hashes))
        naming = _latest_before(naming, batch)
        offsets, targets = naming["offset"].to_numpy(), naming["target"].to_numpy()
        known = seen.known_at(targets, offsets)
        known |= seen.reached(offsets, naming["before"].fill_null(-(2**62)).to_numpy())
        rows = naming["row"].to_numpy()
        target, target_seen = np.zeros(frame.height, np.uint64), np.zeros(frame.height, bool)
        target[rows], target_seen[rows] = targets, known
        named = pl.Series("target", target)
        return cls(named.set(named == 0, None), pl.Series("target_seen", target_seen))


def judge_corrections(
    accepted: pl.DataFrame, within: int, times_of: TimesOf
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Splits accepted records into (plain events, corrections and voids that take effect or wait, late ones).

    `accepted`: as in `Judged`. `within`: the stream's corrections horizon in milliseconds. `times_of` answers for what
    came before the batch, and for plain events alone: a correction itself cannot be named. A record counts, at its own
    time, from its target's time on to so much later. It is late by the milliseconds beyond that (before the target's
    time: a negative number), or by 0 where its target was seen but is gone: it was late, or nothing could change it
    any more. One whose target was never seen waits for it. The late frame has `lateness`.
    """
    nobody = accepted.clear().with_columns(lateness=pl.lit(0, pl.Int64))
    if accepted["target"].null_count() == accepted.height:
        return accepted, accepted.clear(), nobody
    names = pl.col("target").is_not_null()
    plain, naming = accepted.filter(~names), accepted.filter(names)
    told = pl.Series("told", times_of(naming["target"].to_numpy()), dtype=pl.Int64)
    batch = plain.select("offset", "identifier", beside="time")
    naming = _latest_before(naming.with_columns(told), batch)
    time = pl.coalesce("beside", pl.when(pl.col("told") != -1).then("told"))
    # What the horizon has passed may be held or not, as it was swept or not: it counts as gone.
    naming = naming.with_columns(pl.when(time + within >= pl.col("horizon")).then(time).alias("told"))
    beyond = pl.col("time") - pl.col("told") - within
    holds = (beyond <= 0) & (pl.col("time") >= pl.col("told"))
    naming = naming.with_columns(
        lateness=pl.when(pl.col("told").is_not_null()).then(beyond).otherwise(0),
        holds=pl.coalesce(holds, ~pl.col("target_seen")),
    ).drop("told", "beside")
    effective = naming.filter("holds").drop("holds", "lateness")
    return plain, effective, naming.filter(~pl.col("holds")).drop("holds")


def _latest_before(naming: pl.DataFrame, batch: pl.DataFrame) -> pl.DataFrame:
    """Beside each record that names one, the columns of the last record of the batch with that id before it."""
    return naming.join_asof(
        batch.set_sorted("offset"),
        on="offset",
        by_left="target",
        by_right="identifier",
        strategy="backward",
        allow_exact_matches=False,
        coalesce=True,
        check_sortedness=False,
    )
