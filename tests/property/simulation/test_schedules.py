"""A hundred schedules in passing; `make simulate` runs ten thousand. `SIMULATION_SEED` repeats a run."""

import os
import secrets

from tests.property.simulation.differences import Differs
from tests.property.simulation.schedule import LEAST_CRASHES, run

SCHEDULES = 100
LEAST_RECORDS = 200


def test_schedules_with_crashes_equal_the_batch() -> None:
    first = int(os.environ.get("SIMULATION_SEED") or secrets.randbelow(1_000_000_000))
    print(f"SIMULATION_SEED={first}")
    for seed in range(first, first + SCHEDULES):
        try:
            summary = run(seed)
        except Differs as error:
            error.add_note(f"repeat it: python -m tests.property.simulation --seed {seed} --schedules 1")
            raise
        assert summary.records >= LEAST_RECORDS
        assert summary.crashes >= LEAST_CRASHES
