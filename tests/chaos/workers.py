"""Worker processes that are killed, stopped and watched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil

from services.runtime.ports import free_port
from tests.brokers.jars import ROOT

STOP_SECONDS = 30.0
KIBI = 1024


class ChaosWorker:
    """One worker process. `expected`: whether its end, if it has ended, was somebody's doing."""

    def __init__(self, number: int, environment: Mapping[str, str], folder: Path) -> None:
        self.number = number
        self.log = folder / f"worker-{number}.log"
        self.expected = False
        self._arm = folder / f"arm-{number}"
        self._port = free_port("127.0.0.1", 0)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "faust", "-A", "tests.chaos.worker.app"),
                    *("worker", "--without-web", "-l", "warn"),
                ],
                cwd=ROOT,
                env={**environment, "CHAOS_ARM": str(self._arm), "KPI_WORKER_METRICS_PORT": str(self._port)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __str__(self) -> str:
        return f"worker {self.number}"

    @property
    def running(self) -> bool:
        """Whether it has not ended; it may stand still."""
        return self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        with suppress(psutil.Error):
            return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED
        return False

    @property
    def resident(self) -> int:
        """Its memory in bytes; 0 once it has ended."""
        with suppress(psutil.Error):
            return int(psutil.Process(self.process.pid).memory_info().rss)
        return 0

    def ready(self) -> bool:
        """Whether it says that all of its tasks are recovered."""
        with suppress(httpx2.HTTPError):
            answer = httpx2.get(f"http://127.0.0.1:{self._port}/readyz", trust_env=False, timeout=1.0)
            return answer.status_code == 200
        return False

    def until_ready(self, seconds: float) -> bool:
        """Waits for it to be ready, or for its end; whether it is ready."""
        end = time.monotonic() + seconds
        while self.running and time.monotonic() < end:
            if self.ready():
                return True
            time.sleep(0.1)
        return False

    def kill(self) -> None:
        """SIGKILL, as if the machine had failed."""
        self.expected = True
        if self.running:
            self.process.kill()
        self.process.wait()

    def terminate(self) -> int | None:
        """SIGTERM, and the exit status; None where it had to be killed."""
        self.expected = True
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def stop(self) -> None:
        """SIGSTOP: it stands still, and its connections stay open."""
        if self.running:
            self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        if self.running:
            self.process.send_signal(signal.SIGCONT)

    def arm(self, point: str, action: str) -> None:
        """At its next flush that gets to this point, it ends (`kill`) or stands still (`stop`)."""
        self.expected = self.expected or action == "kill"
        written = self._arm.with_suffix(".new")
        written.write_text(f"{point} {action}")
        written.rename(self._arm)

    def disarm(self) -> bool:
        """Takes that back; whether it was still to come."""
        try:
            self._arm.unlink()
        except FileNotFoundError:
            return False
        return True

    def until_hit(self, seconds: float) -> bool:
        """Waits until what it was armed with has happened: it has ended or stands still."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.running or self.stopped:
                return True
            time.sleep(0.02)
        return False


def environment(settings: Mapping[str, object], special: Mapping[str, str]) -> dict[str, str]:
    """What a worker is started with: nothing of this process's own settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "CHAOS_"))}
    return inherited | {f"KPI_{name.upper()}": str(value) for name, value in settings.items()} | dict(special)
