"""How many records one key may have, by a rule that looks at the log alone."""

from bisect import bisect_left, insort

import numpy as np
import polars as pl

from kpi.entities.histories import Integers, Mask
from kpi.entities.keeping import Columns
from kpi.entities.records import SETTLED, STREAM
from schemas.entities import NEVER


def beyond_most(
    frame: pl.DataFrame, number: Integers, old: Columns, owner: Integers, *, stream: int, most: int, corrections: int
) -> Mask:
    """Records of `frame`, of one stream, that find as many of their key that may still matter as one key may have.

    `number`, `owner`: the key of each arrived and each `old` record. Every stream of an entity is counted by itself: in
    what order they arrive beside each other is not in the log. Events matter for as long as they may be corrected after
    the horizon. What is said of others is told by the horizon alone: whether it is held longer depends on what it
    names, and when that came.
    """
    refused = np.zeros(frame.height, bool)
    keys = len(number) and int(number.max()) + 1
    held = np.bincount(owner, minlength=keys) + np.bincount(number, minlength=keys)
    crowded = np.flatnonzero(held > most)
    if not len(crowded):
        return refused
    times, held_times = frame["time"].to_numpy(), old["time"]
    horizons = frame["horizon"].fill_null(-NEVER).to_numpy()
    if "target" in old:
        horizons = horizons - corrections
        times = np.where(frame["target"].is_not_null().to_numpy(), times - corrections, times)
        held_times = np.where(old["target"] != 0, held_times - corrections, held_times)
    counted = ((old["flags"] & SETTLED) == 0) & (old["flags"] >> STREAM == stream)
    for key in crowded.tolist():
        known = sorted(held_times[counted & (owner == key)].tolist())
        for row in np.flatnonzero(number == key).tolist():
            if len(known) - bisect_left(known, int(horizons[row])) >= most:
                refused[row] = True
            else:
                insort(known, int(times[row]))
    return refused
