"""Faults on real Apache Kafka, with real processes, and an exact comparison after each run.

`python -m tests.chaos --scenario NAME|all --seed S --rounds N --events N --seconds S`
"""

import argparse
import secrets
import sys
import tempfile
import traceback
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.arena import Result, Size
from tests.chaos.running import run_scenario
from tests.chaos.scenario import Scenario, all_scenarios
from tests.chaos.verify import Outcome
from tests.chaos.worker.breaking import BREAKS

EVENTS_A_SECOND = 500
SOAK = "soak"


def main() -> int:
    """The exit status: 0 where all runs were exact; of what is broken on purpose, where none was."""
    scenarios = all_scenarios()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--scenario", default="all", choices=["all", *scenarios])
    parser.add_argument("--break", dest="broken", choices=["all", *BREAKS], help="break it on purpose")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--rounds", type=int, default=1, help="each with the next seed")
    parser.add_argument("--events", type=int, default=Size().events)
    parser.add_argument("--seconds", type=float, default=Size().seconds, help="how long the live traffic lasts")
    parser.add_argument("--minutes", type=float, help="the same in minutes, with 500 events a second")
    parser.add_argument("--short", action="store_true", help="fewer faults")
    stated = parser.parse_args()
    size = Size(stated.events, stated.seconds, stated.short)
    if stated.minutes:
        size = Size(int(stated.minutes * 60 * EVENTS_A_SECOND), stated.minutes * 60, stated.short)
    names = [name for name in scenarios if name != SOAK] if stated.scenario == "all" else [stated.scenario]
    runs: list[tuple[str, str | None]] = [(name, None) for name in names]
    if stated.broken:
        broken = list(BREAKS) if stated.broken == "all" else [stated.broken]
        runs = [(BREAKS[name].scenario, name) for name in broken]
    results: list[tuple[str | None, Result]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        for number in range(stated.rounds):
            for name, broken_by in runs:
                place = folder / f"{number}-{name}-{broken_by}"
                results.append((broken_by, _played(scenarios[name], stated.seed + number, size, place, broken_by)))
    print_table(results)
    return 0 if all(result.outcome.exact == (broken_by is None) for broken_by, result in results) else 1


def _played(scenario: Scenario, seed: int, size: Size, folder: Path, broken: str | None) -> Result:
    """One that fails is a result, too: others are still to come."""
    try:
        return run_scenario(scenario, seed, size, folder, broken=broken)
    except Exception as error:  # noqa: BLE001 (whatever it was, it is told in the table)
        traceback.print_exception(error)
        outcome = Outcome()
        outcome.differs("failure", repr(error))
        return Result(scenario.name, seed, outcome, 0, 0, 0, 0.0)


def print_table(results: Iterable[tuple[str | None, Result]]) -> None:
    """One line a run."""
    heads = ("records", "values", "wrong", "faults", "claims", "flushes", "exact", "seconds")
    print(f"\n{'scenario':<40}{'seed':>8}" + "".join(f"{head:>9}" for head in heads))
    for broken_by, result in results:
        name = result.scenario if broken_by is None else f"{result.scenario}, {broken_by}"
        exact = "yes" if result.outcome.exact else "NO"
        outcome = result.outcome
        figures = (outcome.records, outcome.cells, outcome.wrong, result.faults, result.take_overs, result.flushes)
        counts = "".join(f"{figure:>9}" for figure in figures)
        print(f"{name:<40}{result.seed:>8}{counts}{exact:>9}{result.seconds:>9.0f}")


if __name__ == "__main__":
    sys.exit(main())
