"""Runs schedules over two processes: `python -m tests.property.simulation --schedules 10000 [--seed 7]`.

A schedule is repeated alone with its own seed: `--seed 12 --schedules 1`.
"""

import argparse
import secrets
import sys
import time

from tests.property.simulation.attempts import attempts

PROCESSES = 2
TOLD_EVERY = 15.0
"""Seconds between two lines of progress."""


def main() -> int:
    """The exit status: 1 where a schedule showed a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.property.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, help="of the first schedule; the others follow (default: a random one)")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    asked = parser.parse_args()
    first = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000_000)
    print(f"{asked.schedules} schedules from seed {first} on, over {asked.processes} processes", flush=True)
    began = told = time.monotonic()
    done = records = flushes = crashes = 0
    for seed, found in attempts(range(first, first + asked.schedules), asked.processes):
        if isinstance(found, str):
            print(f"seed {seed}: {found}", file=sys.stderr)
            print(f"repeat it: python -m tests.property.simulation --seed {seed} --schedules 1", file=sys.stderr)
            return 1
        done, records = done + 1, records + found.records
        flushes, crashes = flushes + found.flushes, crashes + found.crashes
        now = time.monotonic()
        if now - told >= TOLD_EVERY or done == asked.schedules:
            told = now
            print(
                f"{done} of {asked.schedules} schedules: {records} records, {flushes} flushes, {crashes} crashes, "
                f"{now - began:.0f} s",
                flush=True,
            )
    print("no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
