"""Many schedules, over processes of their own."""

import gc
import multiprocessing
import os
import traceback
from collections.abc import Iterator

from tests.property.simulation.differences import Differs
from tests.property.simulation.schedule import Summary, run


def attempt(seed: int) -> tuple[int, Summary | str]:
    """The seed, and what its schedule was made of, or what went wrong."""
    try:
        return seed, run(seed)
    except Differs as error:
        return seed, str(error)
    except Exception:  # noqa: BLE001 (whatever the core raises is a finding)
        return seed, traceback.format_exc()


def _seldom_collect() -> None:
    """The core makes many objects and no cycles: looking for those takes a fifth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def attempts(seeds: range, processes: int) -> Iterator[tuple[int, Summary | str]]:
    """All of them, as they end."""
    if len(seeds) == 1 or processes == 1:
        yield from map(attempt, seeds)
        return
    # Each process is busy by itself: threads of its own would only be in the way of the other.
    os.environ["POLARS_MAX_THREADS"] = "1"
    with multiprocessing.get_context("spawn").Pool(processes, _seldom_collect) as pool:
        yield from pool.imap_unordered(attempt, seeds, chunksize=10)
