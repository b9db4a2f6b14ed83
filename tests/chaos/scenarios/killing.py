"""Workers that end or stand still, at random moments and at each step of a flush."""

from itertools import cycle

from tests.chaos.arena import Arena
from tests.chaos.scenario import scenario
from tests.chaos.worker.points import POINTS
from tests.chaos.workers import ChaosWorker

SESSION_SECONDS = 6.0
HIT_SECONDS = 20.0
READY_SECONDS = 60.0
AT_WORK = 0.75
LONGEST_LIFE, LONGEST_GAP = 3.0, 1.0


@scenario("calm", times=1, fewer=1, sentence="Nothing happens.")
def calm(arena: Arena) -> None:
    """What everything else is compared with."""
    for _ in arena.faults():
        pass


@scenario("kill-9", times=20, sentence="A worker is killed at a random moment, and another one starts.")
def kill_9(arena: Arena) -> None:
    """SIGKILL."""
    for _ in arena.faults():
        worker = _some_time_into_the_life(arena)
        worker.kill()
        arena.note(f"kill -9 of {worker}")
        arena.sleep(arena.random.uniform(0, LONGEST_GAP))
        arena.replace(worker)


@scenario("sigterm", times=20, fewer=2, sentence="A worker is told to stop at a random moment, and another one starts.")
def sigterm(arena: Arena) -> None:
    """SIGTERM, and a clean end."""

    def hung() -> list[str]:
        return [f"{who} had to be killed 30 s after SIGTERM" for who in killed]

    killed: list[str] = []
    arena.checks.append(hung)
    for _ in arena.faults():
        worker = _some_time_into_the_life(arena)
        status = worker.terminate()
        if status is None:
            killed.append(str(worker))
        arena.note(f"SIGTERM to {worker}, which ends with {status}")
        arena.replace(worker)


def _some_time_into_the_life(arena: Arena) -> ChaosWorker:
    """One of the workers: mostly while it counts, sometimes while it starts or takes over."""
    worker = arena.pick()
    if arena.random.random() < AT_WORK:
        worker.until_ready(READY_SECONDS)
    arena.sleep(arena.random.uniform(0, LONGEST_LIFE))
    return worker


@scenario("flush-steps", times=2 * len(POINTS), fewer=len(POINTS), sentence="A worker dies at each step of a flush.")
def flush_steps(arena: Arena) -> None:
    """SIGKILL by its own hand, at a named point."""
    hit: list[str] = []
    arena.checks.append(lambda: [] if hit else ["no worker came to the point where it was to die"])
    for _, point in zip(arena.faults(), cycle(POINTS), strict=False):
        worker = arena.pick()
        worker.until_ready(READY_SECONDS)
        worker.arm(point, "kill")
        if worker.until_hit(HIT_SECONDS):
            hit.append(point)
            arena.note(f"kill -9 of {worker} {POINTS[point]}")
        else:
            worker.disarm()
            worker.kill()
            arena.note(f"kill -9 of {worker}, which did not come to the point {POINTS[point]}")
        arena.replace(worker)


@scenario("zombies", times=4, fewer=2, sentence="A worker stands still past its session, and goes on.")
def zombies(arena: Arena) -> None:
    """SIGSTOP at a random moment and right before a flush, and SIGCONT when others have its tasks."""
    for number in arena.faults():
        worker = arena.pick()
        worker.until_ready(READY_SECONDS)
        if number % 2 == 0:
            worker.arm("before", "stop")
            if not worker.until_hit(HIT_SECONDS):
                worker.disarm()
        worker.stop()
        still = arena.random.uniform(SESSION_SECONDS + 2, SESSION_SECONDS + 6)
        arena.note(f"{worker} stands still for {still:.1f} s")
        arena.sleep(still)
        worker.go_on()


@scenario("transactions", times=4, fewer=2, sentence="A worker stands still inside a transaction, past its session.")
def transactions(arena: Arena) -> None:
    """SIGSTOP before a commit; whoever takes over must not wait for it, and it must never count."""
    for _, point in zip(arena.faults(), cycle(("sent", "panes", "committing")), strict=False):
        worker = arena.pick()
        worker.until_ready(READY_SECONDS)
        worker.arm(point, "stop")
        if not worker.until_hit(HIT_SECONDS):
            worker.disarm()
            worker.stop()
        still = arena.random.uniform(SESSION_SECONDS + 2, SESSION_SECONDS + 6)
        arena.note(f"{worker} stands still {POINTS[point]}, for {still:.1f} s")
        arena.sleep(still)
        worker.go_on()
