"""Worker processes, what their endpoints say, and when they counted."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.measuring import cpu_seconds
from benchmarks.recovery.observed import NOTES
from services.runtime.ports import free_port

CATALOGUE = Path(__file__).parent / "catalogue"
PATIENCE = 600.0
_READY = re.compile(r'^kpi_worker_task_ready\{task="([^"]+)"\} 1', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a worker did for a task: `took` records, or `wrote` a flush. `at`: seconds, monotonic."""

    at: float
    what: str
    task: str


class Worker:
    """One worker process of ours."""

    def __init__(self, bootstrap: str, folder: Path, name: str) -> None:
        self._port = free_port("127.0.0.1", 0)
        self._log, self._notes = folder / f"{name}.log", folder / f"{name}.notes"
        environment = {
            "KPI_DATA_DIR": str(folder / name),
            "KPI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "KPI_CATALOGUE": str(CATALOGUE),
            "KPI_DEFAULT_CATALOGUE": "false",
            "KPI_WORKER_METRICS_PORT": str(self._port),
            "POLARS_MAX_THREADS": "1",
            NOTES: str(self._notes),
        }
        command = [sys.executable, "-m", "faust", "-A", "benchmarks.recovery.observed"]
        self.began = time.monotonic()
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "worker", "--without-web", "-l", "warn"],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _get(self, path: str) -> str | None:
        """The body of a good answer, else None."""
        with suppress(httpx2.TransportError):
            answer = httpx2.get(f"http://127.0.0.1:{self._port}{path}", trust_env=False)
            return answer.text if answer.status_code == 200 else None
        return None

    def ready(self) -> bool:
        """Whether it says so. Raises RuntimeError, with its last words, where it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"a worker ended with {self.process.returncode}: {self.words}")
        return self._get("/readyz") is not None

    @property
    def words(self) -> str:
        """The end of what it has written."""
        return self._log.read_text(errors="replace")[-3000:]

    def tasks(self) -> set[str]:
        """The tasks that it counts for."""
        return set(_READY.findall(self._get("/metrics") or ""))

    def measured(self, name: str) -> float:
        """The sum of a metric over its labels."""
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self._get("/metrics") or "", re.MULTILINE)
        return sum(map(float, found))

    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self.process.pid)

    def resident_mib(self) -> int:
        """Memory that it holds now, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def notes(self) -> list[Note]:
        """What it did so far, in order."""
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        parts = [line.split(" ", 2) for line in lines]
        return [Note(float(at), what, task) for at, what, task in parts]

    def stop(self) -> None:
        """SIGTERM, and waits for its end. Raises RuntimeError where that is not clean."""
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            raise RuntimeError(f"a worker ended with {self.process.returncode}: {self.words}")

    def kill(self) -> None:
        """Ends it as a failing machine would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def until(condition: Callable[[], bool], what: str, pace: float = 0.5) -> None:
    """Waits for a condition. Raises TimeoutError where it does not come."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError(f"after {PATIENCE:.0f} s not: {what}")
        time.sleep(pace)


def until_shared(workers: Sequence[Worker], tasks: Iterable[str]) -> None:
    """Waits until these workers count for all tasks, each for some."""
    wanted = set(tasks)

    def shared() -> bool:
        if not all(worker.ready() for worker in workers):
            return False
        owned = [worker.tasks() for worker in workers]
        return all(owned) and sum(map(len, owned)) == len(wanted) and set().union(*owned) == wanted

    until(shared, "all tasks shared")
