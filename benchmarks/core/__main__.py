"""`python -m benchmarks.core`: what the core costs, in one process and on one core, as markdown tables."""

import argparse
import gc
import os
import platform
import sys
from collections.abc import Iterator

import polars as pl

from benchmarks.core import accepting, aggregates, flatness, groups, kpis, plain, recovery
from benchmarks.core.bodies import BODIES
from benchmarks.core.tables import Row, show
from benchmarks.core.vectors import Vectors, run
from services.aggregator.root import OBJECTS_BETWEEN_COLLECTIONS

BATCH = 20_000
BODIES_HEADER = (
    "body",
    "vectors, µs an event",
    "events/s",
    "plain step, µs",
    "times less",
    "flush of entities, µs",
    "contributions an event",
    "bytes an entity",
    "plain step, bytes",
)
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def _bodies(events: int, entities: int, plain_events: int) -> Iterator[Row]:
    batches = max(plain_events // BATCH, 1)
    for body in BODIES:
        log = body.log(entities, events, BATCH)
        cost = run(Vectors(body), log, keep=batches)
        stepped, count, seconds = plain.run(body, log, batches)
        if not plain.same(stepped, cost.kept):
            raise SystemExit(f"{body.title}: the vectors and the plain step do not contribute the same")
        step = seconds / count * 1e6
        yield (
            body.title,
            f"{cost.microseconds:.2f}",
            f"{1e6 / cost.microseconds:,.0f}",
            f"{step:.1f}",
            f"{step / cost.microseconds:.1f}",
            f"{cost.writing / cost.events * 1e6:.2f}",
            f"{cost.contributions / cost.events:.2f}",
            f"{cost.bytes_an_entity:,.0f}",
            f"{plain.bytes_an_entity(body, log):,.0f}",
        )


def main() -> None:
    """Runs what is asked for, by default all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        help="bodies, flat, silent, groups, aggregates, log, recovery, rounds, accepting, kpis, combinations; or all",
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="events of each body")
    parser.add_argument("--entities", type=int, default=100_000, help="and of so many entities")
    parser.add_argument("--plain-events", type=int, default=200_000, help="of which the plain step takes these many")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the most entities, and combinations")
    asked = parser.parse_args()
    if pl.thread_pool_size() != 1:
        # One core is what is measured, and polars reads this only once.
        command = [sys.executable, "-m", "benchmarks.core", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | {"POLARS_MAX_THREADS": "1"})  # noqa: S606 - no shell is meant
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    events, half = max(asked.events, BATCH), max(asked.events // 2, BATCH)
    entities, sizes = min(asked.entities, events // 10), [size for size in SIZES if size <= min(asked.largest, events)]
    print(f"{platform.machine()}, one core, Python {platform.python_version()}, polars {pl.__version__};", end=" ")
    print(f"CPU time; {events:,} events, {entities:,} entities, batches of {BATCH:,}, a flush every fifth")
    parts = {
        "bodies": ("Bodies", BODIES_HEADER, _bodies(events, entities, asked.plain_events)),
        "flat": ("By the number of entities", flatness.HEADER, flatness.rows(2 * events, sizes, BATCH)),
        "silent": (
            "Beside silent entities",
            flatness.SILENT_HEADER,
            flatness.beside_silent(entities // 2, half, (0, *sizes), BATCH),
        ),
        "groups": ("By the number of combinations of dimension values", groups.HEADER, groups.rows(sizes)),
        "aggregates": ("Aggregates", aggregates.HEADER, aggregates.rows(half, BATCH)),
        "log": ("The log of entities", recovery.HEADER, recovery.rows(sizes[-1], BATCH)),
        "recovery": ("Reading entities back", recovery.RESTORE_HEADER, recovery.restored(sizes[-1], BATCH)),
        "rounds": (
            "The log of entities after many rounds",
            recovery.ROUNDS_HEADER,
            recovery.rounds(3 * events, BATCH // 10),
        ),
        "accepting": ("Accepting", accepting.HEADER, accepting.rows(half, BATCH)),
        "kpis": ("By the number of KPIs on a stream", kpis.BY_KPIS, kpis.by_kpis(half, BATCH)),
        "combinations": (
            "From bytes to panes, by the number of combinations",
            kpis.BY_COMBINATIONS,
            kpis.by_combinations(half, BATCH),
        ),
    }
    for name, (title, header, rows) in parts.items():
        if name in asked.parts or not asked.parts:
            show(title, header, rows)


if __name__ == "__main__":
    main()
