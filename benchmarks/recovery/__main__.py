"""`python -m benchmarks.recovery`: how long workers are away, on Apache Kafka, as markdown tables."""

import argparse
import logging
import os
import platform
import sys

import polars as pl

from benchmarks.core.tables import show
from benchmarks.recovery import handing_over, reading_back, row_by_row
from benchmarks.recovery.reading_back import ENTITIES, ROWS

PARTS = ("panes", "packed", "entities", "pause", "takeover")


def main() -> None:
    """Runs what is asked for, by default all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; by default all")
    parser.add_argument("--count", type=int, default=1_000_000, help="rows or entities to read back")
    parser.add_argument("--repetitions", type=int, default=5, help="how often they are read back")
    parser.add_argument("--times", type=int, default=9, help="how often a worker joins and leaves, or is killed")
    asked = parser.parse_args()
    if pl.thread_pool_size() != 1:
        # As the workers; polars reads this only once.
        command = [sys.executable, "-m", "benchmarks.recovery", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | {"POLARS_MAX_THREADS": "1"})  # noqa: S606 - no shell is meant
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load before: {load:.1f}")
    parts = {
        "panes": (
            f"Recovery of {asked.count:,} {ROWS.title}",
            reading_back.HEADER,
            reading_back.rows(ROWS, asked.count, asked.repetitions),
        ),
        "packed": ("The same rows, packed and one by one", row_by_row.HEADER, row_by_row.rows(asked.count)),
        "entities": (
            f"Recovery of {asked.count:,} {ENTITIES.title}",
            reading_back.HEADER,
            reading_back.rows(ENTITIES, asked.count, asked.repetitions),
        ),
        "pause": ("Pauses of those who stay", handing_over.PAUSE_HEADER, handing_over.pauses(asked.times)),
        "takeover": ("Take-over", handing_over.TAKE_OVER_HEADER, handing_over.take_overs(asked.times)),
    }
    for name in asked.parts or PARTS:
        show(*parts[name])


if __name__ == "__main__":
    main()
