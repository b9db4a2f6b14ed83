"""What became of each record of a batch, at the time of its arrival."""

import numpy as np
import polars as pl

from kpi.tasks.intake import Taken
from kpi.tasks.source import RawBatch
from schemas.parts import FATE


def fates_by_arrival(stream: str, batch: RawBatch, taken: Taken, counted: pl.DataFrame) -> pl.DataFrame:
    """One row a record: `time` (its arrival, epoch milliseconds), `value` (1), `stream` and `fate`.

    `counted`: those of the accepted ones that count, with `index` and `target`. A record that is moved to another
    partition is left out: it has its fate there.
    """
    # Whatever is not named by another fate has been here before.
    fates = np.full(len(batch.offsets), "duplicate", dtype=object)
    fates[np.searchsorted(batch.offsets, [letter.offset for letter in taken.dead])] = "invalid"
    fates[np.searchsorted(batch.offsets, [record.offset for record in taken.late])] = "late"
    # More than its key may have: what was accepted and does not count after all.
    fates[taken.accepted["index"].to_numpy()] = "invalid"
    corrects = counted["target"].is_not_null()
    fates[counted.filter(~corrects)["index"].to_numpy()] = "aggregated"
    fates[counted.filter(corrects)["index"].to_numpy()] = "correction"
    fates[taken.elsewhere.to_numpy()] = "rekeyed"
    frame = pl.DataFrame({"time": pl.Series(batch.appended, dtype=pl.Int64), FATE: pl.Series(fates, dtype=pl.String)})
    kept = frame.filter(pl.col(FATE) != "rekeyed")
    return kept.with_columns(value=pl.lit(1, pl.Int64), stream=pl.lit(stream))
