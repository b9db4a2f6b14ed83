"""What `faust -A tests.integration.aggregator.dropping worker` loads: the real worker, in which what is fetched is lost
on its way for as long as the file `DROPPING` is there. Beside it, `DROPPED` tells that something was.
"""

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.aggregator.batching import BatchScheduler
from services.aggregator.root import application
from tests.chaos.worker.seams import around


def losing(iterate: Any) -> Any:
    """In the place of `BatchScheduler.iterate`."""
    dropping, dropped = Path(os.environ["DROPPING"]), Path(os.environ["DROPPED"])

    @functools.wraps(iterate)
    def wrapped(self: BatchScheduler, records: Mapping[Any, list[Any]]) -> Iterator[Any]:
        for delivered in iterate(self, records):
            if dropping.exists():
                dropped.touch()
            else:
                yield delivered

    return wrapped


around(BatchScheduler, "iterate", losing)


def __getattr__(name: str) -> Any:
    if name == "app":
        return application()
    raise AttributeError(name)
