"""Aggregates: from records to rows of a minute, and from those to panes of three grains at a flush."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from benchmarks.core.declared import group, groups_of
from benchmarks.core.loads import START
from benchmarks.core.tables import Row
from benchmarks.core.vectors import BATCHES_A_FLUSH
from kpi.aggregates.families import merged
from kpi.grains import grains
from kpi.panes.reduction import Reducer
from kpi.panes.store import PaneStore, Stamp
from kpi.plan import Family, Group
from schemas.wire import encode

HEADER = (
    "aggregate",
    "columns",
    "reduce, µs an event",
    "flush, µs an event",
    "rows of a minute an event",
    "bytes a row",
    "bytes a row written",
)
PER_SECOND = 200
CUSTOMERS = 100_000


def _records(events: int) -> pl.DataFrame:
    """Orders of 20 teams and 100,000 customers, 200 a second, out of order by up to 30 s."""
    chance = np.random.default_rng(7)
    times = START + np.arange(events) * 1000 // PER_SECOND - chance.integers(0, 30_000, events)
    customers = pl.Series(chance.integers(0, CUSTOMERS, events)).cast(pl.String).str.zfill(8)
    return pl.DataFrame(
        {
            "time": times,
            "source": pl.Series(["desk"]).new_from_index(0, events),
            "id": pl.Series(np.arange(events)).cast(pl.String).str.zfill(12),
            "team": pl.Series([f"t{place:02}" for place in range(20)])[pl.Series(chance.integers(0, 20, events))],
            "action": pl.Series(["placed", "cancelled", "note"])[pl.Series(chance.integers(0, 3, events))],
            "customer_id": customers,
            "amount": chance.lognormal(9, 1, events).astype(np.int64),
        }
    ).with_columns(value=pl.col("amount"), sign=pl.lit(1, pl.Int64))


def _measures() -> Iterator[tuple[str, Group]]:
    count: dict[str, object] = {"aggregate": "count"}
    yield "count", group(count)
    for name in ("sum", "mean", "variance", "min", "max", "first", "last"):
        yield name, group({"aggregate": name, "value": "amount"})
    yield "quantile", group({"aggregate": "quantile", "quantile": 0.5, "value": "amount"})
    yield "counts per key", group({"aggregate": "distinct", "value": "customer_id"})
    yield "latest per key", group({"aggregate": "latest", "value": "amount", "key": "customer_id"})
    (level,) = groups_of("stock.stock")
    yield "level, integral", level
    amounts: list[dict[str, object]] = [
        {"aggregate": name, "value": "amount"} for name in ("sum", "mean", "min", "max")
    ]
    yield "count, sum, mean, min, max in one group", group(count, *amounts)
    yield "100 KPIs of the same mean", group(*[amounts[1]] * 100)
    filtered: list[dict[str, object]] = [
        {"aggregate": "count", "where": f"amount > {1000 * place}"} for place in range(100)
    ]
    yield "100 KPIs, each with a filter of its own", group(*filtered)


def rows(events: int, batch: int) -> Iterator[Row]:
    """Each aggregate by team: those of a family cost the same, as its rows do not know what is asked of them."""
    records = _records(events)
    batches = [records[start : start + batch] for start in range(0, events, batch)]
    for title, one in _measures():
        yield _measured(title, one, batches, events)


def _measured(title: str, one: Group, batches: Sequence[pl.DataFrame], events: int) -> Row:
    reducer = Reducer(one, signed=one.family is Family.level)
    panes = PaneStore("task", [one], grains(("UTC",)), most_groups=50_000, most_keys=65_536)
    reducing = flushing = 0.0
    reduced: list[pl.DataFrame] = []
    written = lengths = 0
    for number, frame in enumerate(batches, 1):
        started = time.process_time()
        minutes = reducer.reduce(frame)
        reducing += time.process_time() - started
        panes.add(one.id, minutes)
        reduced.append(minutes)
        if number % BATCHES_A_FLUSH and number < len(batches):
            continue
        before, after = (int(batches[at]["time"].max()) - 30_000 for at in (max(number - 6, 0), number - 1))  # type: ignore[arg-type]
        started = time.process_time()
        records = panes.flush(Stamp("i", number), before, after)
        flushing += time.process_time() - started
        for record in records:
            key, value = encode(record)
            lengths += len(key) + len(value or b"")
            written += len(next(iter(getattr(record, "columns", {}).values()), []))
    together = merged(pl.concat(reduced), one).rechunk()
    return (
        title,
        str(len(one.columns)),
        f"{reducing / events * 1e6:.3f}",
        f"{flushing / events * 1e6:.3f}",
        f"{sum(frame.height for frame in reduced) / events:.4f}",
        f"{together.estimated_size() / max(together.height, 1):.0f}",
        f"{lengths / max(written, 1):.0f}",
    )
