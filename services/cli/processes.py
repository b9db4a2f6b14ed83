"""One child process of `kpi up`: its start, its log, its end."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TAIL_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What a child is started with; `environment` is what it has beside the parent's."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def kpi_command(*arguments: str) -> list[str]:
    """The command line of a `kpi` command that ends with this process."""
    return [sys.executable, "-m", "services.cli.main", "--with-parent", *arguments]


class Child:
    """A running command in a session of its own; what it writes goes to the plan's log.

    Its standard input is a pipe whose other end only this process holds: should this process end in any way, the child
    reads the end of that pipe, and a `kpi` command stops then (`--with-parent`).
    """

    def __init__(self, plan: ChildPlan) -> None:
        self.plan = plan
        plan.log.parent.mkdir(parents=True, exist_ok=True)
        with plan.log.open("ab") as log:
            self._process = subprocess.Popen(
                plan.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **plan.environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send SIGTERM; nothing happens where it has ended."""
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within this time."""
        try:
            self._process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it and what it started, at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def log_tail(self, lines: int = 12) -> list[str]:
        """The last lines that it wrote."""
        with self.plan.log.open("rb") as log:
            log.seek(max(self.plan.log.stat().st_size - TAIL_BYTES, 0))
            return log.read().decode(errors="replace").splitlines()[-lines:]

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is not None:
            return
        try:
            # The child leads its own group: SIGKILL takes what it started as well; SIGTERM is for it to pass on.
            if number is signal.SIGKILL:
                os.killpg(self.pid, number)
            else:
                self._process.send_signal(number)
        except ProcessLookupError:
            return
