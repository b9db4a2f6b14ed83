"""The memory of workers over time: samples in a file, and how much it grows."""

import csv
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.chaos.workers import ChaosWorker

MEBI = 1 << 20
HOUR_SECONDS = 3600.0


class Sample(NamedTuple):
    """`at`: seconds since the beginning. `resident`: bytes."""

    at: float
    worker: int
    resident: int


class Sampler:
    """Looks at the memory of all workers every few seconds, in a thread of its own."""

    def __init__(self, workers: Callable[[], Sequence[ChaosWorker]], every: float) -> None:
        self.samples: list[Sample] = []
        self._workers, self._every = workers, every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._done.set()
        self._thread.join()

    def write(self, file: Path) -> None:
        """All samples as CSV: seconds, worker, MiB."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["seconds", "worker", "mebibytes"])
            writer.writerows((f"{s.at:.0f}", s.worker, f"{s.resident / MEBI:.1f}") for s in self.samples)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._done.wait(self._every):
            at = time.monotonic() - began
            found = [(worker.number, worker.resident) for worker in self._workers()]
            self.samples += [Sample(at, number, resident) for number, resident in found if resident]


def growth(samples: Sequence[Sample], worker: int) -> float:
    """Bytes an hour by which a worker's memory grows in the last half of the time: the slope of the best line."""
    mine = [sample for sample in samples if sample.worker == worker]
    last = [sample for sample in mine if sample.at >= mine[-1].at / 2] if mine else []
    if len(last) < 2:
        return 0.0
    middle = sum(sample.at for sample in last) / len(last)
    mean = sum(sample.resident for sample in last) / len(last)
    spread = sum((sample.at - middle) ** 2 for sample in last)
    return sum((sample.at - middle) * (sample.resident - mean) for sample in last) / spread * HOUR_SECONDS
