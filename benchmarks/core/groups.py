"""Panes with 10^3 to 10^6 combinations of dimension values: what a flush of 1,000 changed rows costs."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from benchmarks.core.declared import group
from benchmarks.core.loads import DAY, START, Integers
from benchmarks.core.tables import Row
from kpi.grains import MINUTE, grains
from kpi.panes.store import PaneStore, Stamp

HEADER = ("combinations", "newest minutes, ms a flush", "µs a row", "anywhere in one minute, ms a flush", "µs a row")
CHANGED, FLUSHES = 1000, 5
_GROUP = group({"aggregate": "mean", "value": "amount"}, dimensions=("customer_id", "team"))


def _minutes(combinations: Integers, starts: Integers) -> pl.DataFrame:
    names = pl.Series(combinations).cast(pl.String).str.zfill(8)
    sums = {column.name: np.ones(len(combinations), np.int64) for column in _GROUP.columns}
    return pl.DataFrame({"start": starts, "customer_id": names, "team": "t" + names.str.slice(6), **sums})


def _flush(count: int, *, spread: bool) -> float:
    """CPU seconds of a flush, once a day's panes hold all combinations: one after the other, or all in one minute."""
    panes = PaneStore("task", [_GROUP], grains(("UTC",)), most_groups=4_000_000, most_keys=65_536)
    numbers = np.arange(count)
    last = START + DAY - 20 * MINUTE
    begun = START + numbers * (DAY // MINUTE - 60) // count * MINUTE if spread else np.full(count, last)
    panes.add(_GROUP.id, _minutes(numbers, begun))
    panes.flush(Stamp("i", 0), None, last)
    chance, seconds = np.random.default_rng(7), 0.0
    for number in range(1, FLUSHES + 1):
        chosen = chance.choice(count, min(CHANGED, count), replace=False)
        newest = last + number * MINUTE + (np.arange(len(chosen)) % 2) * MINUTE
        panes.add(_GROUP.id, _minutes(chosen, newest if spread else np.full(len(chosen), last)))
        started = time.process_time()
        panes.flush(Stamp("i", number), last, last)
        seconds += time.process_time() - started
    return seconds / FLUSHES


def rows(sizes: Sequence[int]) -> Iterator[Row]:
    """As a live stream changes them, and the worst case."""
    for count in sizes:
        found = [f"{count:,}"]
        for spread in (True, False):
            seconds = _flush(count, spread=spread)
            found += [f"{seconds * 1e3:.0f}", f"{seconds / CHANGED * 1e6:.0f}"]
        yield tuple(found)
