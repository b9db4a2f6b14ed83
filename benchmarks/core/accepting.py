"""What is accepted: ids looked for among a million, and the partition that a key belongs on."""

import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.core.bodies import BODIES
from benchmarks.core.tables import Row
from kpi.accepting.fates import judge
from kpi.accepting.identifiers import SeenIdentifiers, content_digests, identifier_hashes
from kpi.accepting.partitioning import crc32, murmur2

HEADER = ("part", "µs a record", "bytes an id")
LIVE = 1_000_000


def _frames(events: int, batch: int) -> list[pl.DataFrame]:
    """Tickets' records as they are decoded, with their offsets."""
    ticket = BODIES[0]
    log = ticket.log(events // 10, events, batch)
    frames = [accepted.drop("horizon") for parts in log.batches for _, accepted in parts]
    return [frame.with_columns(pl.col("index").alias("offset")) for frame in frames]


def _timed(work: Callable[[pl.DataFrame], object], frames: list[pl.DataFrame]) -> str:
    started = time.process_time()
    for frame in frames:
        work(frame)
    return f"{(time.process_time() - started) / sum(frame.height for frame in frames) * 1e6:.3f}"


def rows(events: int, batch: int) -> Iterator[Row]:
    """Each part by itself, then all of it; ids beside `LIVE` others."""
    frames = _frames(events, batch)
    yield ("hash of (source, id)", _timed(identifier_hashes, frames), "")
    yield ("digest of the content", _timed(content_digests, frames), "")
    seen, held = _remembering(LIVE)
    prepared = [(identifier_hashes(f), content_digests(f), f["offset"].to_numpy() + LIVE) for f in frames]
    started = time.process_time()
    for hashes, digests, offsets in prepared:
        seen.add(hashes, digests, offsets)
    lookup = (time.process_time() - started) / events * 1e6
    yield (f"looked for among {LIVE:,} ids, and remembered", f"{lookup:.3f}", f"{held / LIVE:.1f}")
    yield from _judged(frames)
    for title, digits in (("10 bytes", 8), ("36 bytes", 34)):
        keys = [frame["index"].cast(pl.String).str.zfill(digits).rename("key") for frame in frames]
        keyed = [pl.DataFrame(pl.select(pl.lit("T-") + pl.lit(key)).to_series().alias("key")) for key in keys]
        yield (f"murmur2 of a key of {title}", _timed(lambda frame: murmur2(frame["key"]), keyed), "")
        yield (f"crc32 of a key of {title}", _timed(lambda frame: crc32(frame["key"]), keyed), "")


def _remembering(count: int) -> tuple[SeenIdentifiers, int]:
    """Ids of one whole generation, and the bytes that they take."""
    chance = np.random.default_rng(11)
    hashes = chance.integers(1, 2**63, count, dtype=np.uint64)
    digests = np.zeros(count, np.uint32)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        seen = SeenIdentifiers(count)
        for start in range(0, count, 20_000):
            here = slice(start, start + 20_000)
            seen.add(hashes[here], digests[here], np.arange(count)[here])
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    return seen, held


def _judged(frames: list[pl.DataFrame]) -> Iterator[Row]:
    ticket = BODIES[0]
    (name,) = ticket.streams
    stream, watermark = ticket.catalogue.streams[name], None
    seen, _ = _remembering(LIVE)
    moved = [frame.with_columns(pl.col("offset") + LIVE) for frame in frames]
    started = time.process_time()
    for frame in moved:
        watermark = judge(stream, frame, watermark, seen).watermark
    seconds = time.process_time() - started
    yield ("all of judging: duplicates, watermark, lateness", f"{seconds / sum(f.height for f in moved) * 1e6:.3f}", "")
