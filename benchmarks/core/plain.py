"""A body as the plain step: each touched entity once a batch, its differences added up in a dict."""

import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

import polars as pl

from benchmarks.core.bodies import Body
from benchmarks.core.loads import Batch, Log
from benchmarks.core.steps import MINUTE, STEPS
from benchmarks.core.vectors import Frames
from tests.oracle.events import Event
from tests.oracle.steps.entity import Signed

Cells = dict[tuple[object, ...], list[int]]
"""By contribution, minute and dimension values: how many, and their sum."""


class _Kept:
    """An entity: its records in order, its states after them, and what it contributes."""

    __slots__ = ("history", "out", "state")

    def __init__(self, state: object) -> None:
        self.history: list[Event] = []
        self.out: list[Signed] = []
        self.state = state


class Plain:
    """All entities of a body. Records in order are stepped over; a late one has its entity built anew."""

    def __init__(self, body: Body) -> None:
        self._step = STEPS[body.name]()
        self.cells: Cells = {}
        self.entities: dict[tuple[str, ...], _Kept] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Takes a batch."""
        touched: dict[tuple[str, ...], list[Event]] = defaultdict(list)
        for event in events:
            touched[event.key].append(event)
        for key, arrived in touched.items():
            kept = self.entities.get(key)
            if kept is None:
                kept = self.entities[key] = _Kept(self._step.fresh())
            arrived.sort()
            history = kept.history
            stepped = arrived
            if history and arrived[0] < history[-1]:
                stepped = kept.history = sorted([*history, *arrived])
                kept.state = self._step.fresh()
            else:
                history += arrived
            for event in stepped:
                self._step.step(kept.state, event)  # type: ignore[arg-type]
            out = self._step.out(kept.state)  # type: ignore[arg-type]
            if out != kept.out:
                self._emit(kept.out, -1)
                self._emit(out, 1)
                kept.out = out

    def _emit(self, out: Iterable[Signed], by: int) -> None:
        cells = self.cells
        for name, moment, dimensions, value, sign in out:
            key = (name, moment // MINUTE, dimensions)
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = [0, 0]
            cell[0] += by * sign
            cell[1] += by * sign * value


def events_of(body: Body, batch: Batch) -> list[Event]:
    """A batch as the step takes it."""
    found = []
    for stream, frame in batch:
        fields = [name for name in frame.columns if name not in _OWN]
        for row in frame.iter_rows(named=True):
            target = row["voids"] or row["corrects"]
            key = (target or row["id"],) if body.name == "events" else tuple(row[name] for name in body.key)
            said = {name: row[name] for name in fields}
            own = row["time"], target is not None, row["source"], row["id"], key, stream, said
            found.append(Event(*own, row["corrects"], row["voids"]))
    return found


_OWN = {"time", "source", "id", "corrects", "voids", "horizon", "index", "identifier", "target"}


def run(body: Body, log: Log, batches: int) -> tuple[Plain, int, float]:
    """Takes the first batches: with how many events, and how many CPU seconds."""
    plain, count, seconds = Plain(body), 0, 0.0
    for batch in log.batches[:batches]:
        events = events_of(body, batch)
        started = time.process_time()
        plain.take(events)
        seconds += time.process_time() - started
        count += len(events)
    return plain, count, seconds


def bytes_an_entity(body: Body, log: Log) -> float:
    """Bytes an entity and its records take, measured on those of one batch."""
    batch = log.batches[0]
    tracemalloc.start()
    try:
        plain = Plain(body)
        before = tracemalloc.get_traced_memory()[0]
        plain.take(events_of(body, batch))
        plain.cells.clear()
        return (tracemalloc.get_traced_memory()[0] - before) / len(plain.entities)
    finally:
        tracemalloc.stop()


def same(plain: Plain, frames: Iterable[Frames]) -> bool:
    """Whether the vectors contributed the same, minute by minute."""
    added: dict[tuple[object, ...], tuple[int, int]] = {}
    by_name: dict[str, list[pl.DataFrame]] = defaultdict(list)
    for name, frame in chain.from_iterable(each.items() for each in frames):
        by_name[name].append(frame)
    for name, found in by_name.items():
        rows = pl.concat(found)
        if "value" not in rows.columns:
            rows = rows.with_columns(pl.lit(1, pl.Int64).alias("value"))
        dimensions = [column for column in rows.columns if column not in {"time", "sign", "value"}]
        totals = rows.group_by(pl.col("time") // MINUTE, *dimensions).agg(
            pl.col("sign").sum(), (pl.col("sign") * pl.col("value")).sum().alias("value")
        )
        for minute, *by, count, total in totals.iter_rows():
            if count or total:
                added[name, minute, tuple(by)] = (count, total)
    return added == {key: (count, total) for key, (count, total) in plain.cells.items() if count or total}
