"""The children of one `kpi up`: started in order, watched, started anew when they die, stopped in order."""

import time
from collections import defaultdict
from collections.abc import Callable
from enum import IntEnum

from services.cli.failures import CommandFailed
from services.cli.processes import Child, ChildPlan
from services.cli.signals import StopRequest

POLL_SECONDS = 0.1
DEATHS_ALLOWED = 3
DEATH_WINDOW_SECONDS = 60.0


class Stage(IntEnum):
    """When a child is stopped: lower stages first. Seconds that each has for it stand in `PATIENCE`."""

    producer = 0
    worker = 1
    door = 2
    broker = 3


PATIENCE = {Stage.producer: 0.5, Stage.worker: 2.2, Stage.door: 1.5, Stage.broker: 0.3}


class Supervisor:
    """Keeps children running until a stop is requested. `say` takes a line for people."""

    def __init__(self, stop: StopRequest, say: Callable[[str], None]) -> None:
        self._stop = stop
        self._say = say
        self._children: dict[str, tuple[Stage, Child]] = {}
        self._deaths: dict[str, list[float]] = defaultdict(list)

    def start(self, stage: Stage, plan: ChildPlan) -> None:
        """Start a child; its plan's name must be new."""
        self._children[plan.name] = (stage, Child(plan))

    def pids(self) -> dict[str, int]:
        """Process ids by the children's names."""
        return {name: child.pid for name, (_, child) in self._children.items()}

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for a condition.

        Raises CommandFailed where a child dies first or time runs out, Interrupted on a stop request.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self._stop.raise_if_requested()
            for _, child in self._children.values():
                if child.exit_status is not None:
                    raise _died(child, "while starting")
            if time.monotonic() > deadline:
                raise CommandFailed(f"{what} not ready after {seconds:.0f} s; its log is in {self._log_folder()}")
            time.sleep(POLL_SECONDS / 2)

    def watch(self, check: Callable[[], object]) -> None:
        """Return when a stop is requested; until then call `check` again and again. Raises what it raises."""
        while not self._stop.wait(POLL_SECONDS):
            check()

    def check(self) -> bool:
        """Start dead children anew, and say whether there were any.

        Raises CommandFailed where the broker has died, or another child again and again.
        """
        before = self.pids()
        for name, (stage, child) in list(self._children.items()):
            if child.exit_status is None:
                continue
            now = time.monotonic()
            self._deaths[name] = [at for at in self._deaths[name] if now - at < DEATH_WINDOW_SECONDS] + [now]
            if stage is Stage.broker:
                raise _died(child, "and all records with it")
            if len(self._deaths[name]) > DEATHS_ALLOWED:
                raise _died(child, f"for the {len(self._deaths[name])}th time in a minute")
            self._say(f"{name} ended ({_how(child)}); started again. Its log: {child.plan.log}")
            child.kill()
            self._children[name] = (stage, Child(child.plan))
        return self.pids() != before

    def stop(self) -> None:
        """Stop all children, stage by stage; what does not end in its stage's time is killed."""
        for stage in Stage:
            self.stop_stage(stage)

    def stop_stage(self, stage: Stage) -> None:
        """Stop the children of one stage."""
        names = [name for name, (its, _) in self._children.items() if its is stage]
        children = [self._children.pop(name)[1] for name in names]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE[stage]
        for child in children:
            child.wait(deadline - time.monotonic())
            child.kill()

    def _log_folder(self) -> str:
        folders = {str(child.plan.log.parent) for _, child in self._children.values()}
        return ", ".join(sorted(folders))


def _how(child: Child) -> str:
    status = child.exit_status or 0
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _died(child: Child, circumstance: str) -> CommandFailed:
    tail = "".join(f"\n  {line}" for line in child.log_tail())
    return CommandFailed(f"{child.plan.name} ended {circumstance} ({_how(child)}); the end of {child.plan.log}:{tail}")
