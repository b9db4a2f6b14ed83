"""The log of entities: what is written for what comes in, how long it stays, and how soon it is read back."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from benchmarks.core.bodies import BODIES, Body
from benchmarks.core.loads import DAY, HOUR, Batch, Log
from benchmarks.core.tables import Row
from kpi.entities.store import EntityStore
from schemas.wire import EntityBlock, decode, encode

HEADER = (
    "body",
    "entities",
    "events",
    "bytes an event as JSON",
    "logged: arrivals",
    "ranges and tombstones",
    "all",
    "held at the end",
    "flush, µs an event",
    "longest flush, ms",
)
RESTORE_HEADER = ("body", "entities", "records of the log", "their bytes", "restored, s", "first settling, ms")
ROUNDS_HEADER = (
    "rounds",
    "events",
    "keys alive, least",
    "most",
    "bytes alive, least",
    "most",
    "bytes an event",
)
WHICH = ("ticket", "stock", "order")
_SAMPLE = 500
ID = 36
"""Characters of an id, 18 bytes that are random."""


@dataclass(slots=True)
class Kept:
    """A log as compaction leaves it, and all that was ever written."""

    last: dict[bytes, bytes] = field(default_factory=dict)
    arrived: int = 0
    other: int = 0
    consolidated: int = 0

    def write(self, blocks: list[EntityBlock], consolidated: int) -> None:
        """Adds a flush."""
        self.consolidated = consolidated
        for block in blocks:
            key, value = encode(block)
            length = len(key) + len(value or b"")
            if value is not None and block.part.startswith("+"):
                self.arrived += length
            else:
                self.other += length
            if value is None:
                self.last.pop(key, None)
            else:
                self.last[key] = value

    @property
    def size(self) -> int:
        """Bytes alive."""
        return sum(len(key) + len(value) for key, value in self.last.items())


def _store(body: Body) -> EntityStore:
    catalogue = body.catalogue
    streams = {name: catalogue.streams[name] for name in body.streams}
    return EntityStore("ticket/0", catalogue.entities[body.name], streams, catalogue.targets, definition="0123456789")


def _identified(batch: Batch) -> Batch:
    """With ids that do not compress, as producers make them."""
    return [(stream, part.with_columns(pl.Series("id", _identifiers(part.height)))) for stream, part in batch]


def _identifiers(count: int) -> list[str]:
    digits = np.random.default_rng().bytes(count * ID // 2).hex()
    return [digits[start : start + ID] for start in range(0, count * ID, ID)]


def _json(batch: Batch) -> float:
    """Bytes of an event as a producer writes it."""
    _, part = batch[0]
    sample = part.head(_SAMPLE).drop("horizon", "index").drop("identifier", "target", strict=False)
    written = sample.with_columns(pl.from_epoch("time", "ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    named = written.select(pl.lit("1.0").alias("specversion"), pl.lit("a.stream").alias("type"), pl.all())
    return sum(len(line) for line in named.write_ndjson().splitlines()) / named.height


def rows(entities: int, batch: int) -> Iterator[Row]:
    """Entities of three records each that begin within a day, flushed after each batch."""
    for body in (each for each in BODIES if each.name in WHICH and each.is_shipped == (each.name == "ticket")):
        log = body.log(entities, 3 * entities, batch, spread=DAY)
        yield _logged(body, log)[0]


def _logged(body: Body, log: Log) -> tuple[Row, Kept]:
    store, kept = _store(body), Kept()
    seconds = longest = 0.0
    incoming = _json(_identified(log.batches[0]))
    for number, plain in enumerate(log.batches, 1):
        for stream, accepted in _identified(plain):
            store.apply(stream, accepted)
        store.forget(log.horizon(number))
        started = time.process_time()
        blocks = store.flush("0123456789ab", number)
        took = time.process_time() - started
        seconds, longest = seconds + took, max(longest, took)
        kept.write(blocks, store.consolidated)
    events = log.events
    row = (
        body.title,
        f"{len(store):,}",
        f"{events:,}",
        f"{incoming:.0f}",
        f"{kept.arrived / events:.1f}",
        f"{kept.other / events:.1f}",
        f"{(kept.arrived + kept.other) / events:.1f}",
        f"{kept.size / events:.1f}",
        f"{seconds / events * 1e6:.3f}",
        f"{longest * 1000:.0f}",
    )
    return row, kept


def restored(entities: int, batch: int) -> Iterator[Row]:
    """The logs of the table before, read back, and settled for the first time."""
    for body in (each for each in BODIES if each.name in WHICH and each.is_shipped == (each.name == "ticket")):
        log = body.log(entities, 3 * entities, batch, spread=DAY)
        _, kept = _logged(body, log)
        horizon, count = log.horizon(len(log.batches)), len(log.batches)
        del log
        store = _store(body)
        started = time.process_time()
        found = [decode(key, value) for key, value in kept.last.items()]
        store.restore([block for block in found if isinstance(block, EntityBlock)], kept.consolidated)
        took = time.process_time() - started
        started = time.process_time()
        store.forget(horizon)
        store.flush("0123456789ac", count + 1)
        settling = time.process_time() - started
        yield (
            body.title,
            f"{len(store):,}",
            f"{len(kept.last):,}",
            f"{kept.size:,}",
            f"{took:.2f}",
            f"{settling * 1000:.0f}",
        )


def rounds(events: int, batch: int) -> Iterator[Row]:
    """Levels of 2,000 things over ten days: how often all of it was written anew, and what was alive meanwhile."""
    body = next(body for body in BODIES if body.name == "stock")
    log = body.log(2_000, events, batch, life=10 * DAY, spread=HOUR)
    store, kept = _store(body), Kept()
    turns = written = 0
    alive: list[tuple[int, int]] = []
    for number, plain in enumerate(log.batches, 1):
        for stream, accepted in plain:
            store.apply(stream, accepted)
        store.forget(log.horizon(number))
        before = kept.consolidated
        kept.write(store.flush("0123456789ab", number), store.consolidated)
        if kept.consolidated > max(before, written):
            turns, written = turns + 1, number
        alive.append((len(kept.last), kept.size))
    late = np.array(alive[len(alive) // 4 :])
    keys, sizes = late[:, 0], late[:, 1]
    yield (
        f"{turns}",
        f"{log.events:,}",
        f"{keys.min():,}",
        f"{keys.max():,}",
        f"{sizes.min():,}",
        f"{sizes.max():,}",
        f"{(kept.arrived + kept.other) / log.events:.1f}",
    )
