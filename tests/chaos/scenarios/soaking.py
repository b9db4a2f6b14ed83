"""All faults of processes in turn, for as long as is asked for, and what that does to a worker's memory."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.brokers.jars import ROOT
from tests.chaos.arena import Arena, Size
from tests.chaos.declared import DAY, MINUTE
from tests.chaos.memory import HOUR_SECONDS, MEBI, Sampler, growth
from tests.chaos.scenario import scenario
from tests.chaos.worker.points import POINTS
from tests.chaos.workers import ChaosWorker

SAMPLE_SECONDS = 5.0
HIT_SECONDS = 10.0
READY_SECONDS = 20.0
STILL_SECONDS = (1.0, 12.0)
FAULT_SECONDS = 20.0
MOST_GROWTH = 0.1
"""Of a worker's memory, in the last half of a run of half an hour or more."""


def _load(size: Size) -> Mapping[str, Any]:
    """At a pace at which the first panes of a quarter of an hour, kept for 60 days, leave after a third of an hour."""
    return {"preloaded": 0.02, "span": max(180 * MINUTE, int(size.seconds / HOUR_SECONDS * 180 * DAY))}


@scenario(
    "soak",
    times=1,
    workers=3,
    load=_load,
    streams={"dedup_horizon": 20_000},
    sentence="Everything that can happen to processes, again and again.",
)
def soak(arena: Arena) -> None:
    """The first worker is never killed: it stands still and gets and loses tasks, and its memory is looked at."""
    steady = arena.workers[0]
    sampler = Sampler(lambda: list(arena.workers), SAMPLE_SECONDS)
    sampler.start()
    kinds: tuple[Callable[[Arena, ChaosWorker], None], ...] = (_kill, _terminate, _at_a_point, _stand_still, _join)
    for _ in arena.faults(max(1, int(arena.size.seconds / FAULT_SECONDS))):
        victim = arena.random.choice(arena.workers[1:])
        kind = arena.random.choice(kinds)
        if kind is _stand_still:
            victim = arena.pick()
        kind(arena, victim)
        if not steady.running:
            break
    sampler.stop()
    file = ROOT / ".cache" / "chaos" / f"soak-{arena.seed}.csv"
    sampler.write(file)
    mine = [sample.resident for sample in sampler.samples if sample.worker == steady.number]
    slope = growth(sampler.samples, steady.number)
    ends = f"{mine[0] / MEBI:.0f} MiB at first, {mine[-1] / MEBI:.0f} at last, {max(mine) / MEBI:.0f} at most"
    arena.say(f"{steady}: {ends}, {slope / MEBI:+.1f} MiB an hour in the last half; {file.relative_to(ROOT)}")
    grown = slope * arena.size.seconds / HOUR_SECONDS / 2
    if arena.size.seconds >= HOUR_SECONDS / 2 and grown > MOST_GROWTH * mine[-1]:
        arena.checks.append(lambda: [f"the memory of {steady} grows by {slope / MEBI:.1f} MiB an hour"])


def _kill(arena: Arena, worker: ChaosWorker) -> None:
    arena.sleep(arena.random.uniform(0, arena.random.uniform(0, FAULT_SECONDS / 4)))
    worker.kill()
    arena.note(f"kill -9 of {worker}")
    arena.replace(worker)


def _terminate(arena: Arena, worker: ChaosWorker) -> None:
    arena.note(f"SIGTERM to {worker}, which ends with {worker.terminate()}")
    arena.replace(worker)


def _at_a_point(arena: Arena, worker: ChaosWorker) -> None:
    point = arena.random.choice(list(POINTS))
    worker.arm(point, "kill")
    worker.until_hit(HIT_SECONDS)
    worker.disarm()
    worker.kill()
    arena.note(f"kill -9 of {worker} {POINTS[point]}")
    arena.replace(worker)


def _stand_still(arena: Arena, worker: ChaosWorker) -> None:
    still = arena.random.uniform(*STILL_SECONDS)
    worker.stop()
    arena.note(f"{worker} stands still for {still:.1f} s")
    arena.sleep(still)
    worker.go_on()


def _join(arena: Arena, _: ChaosWorker) -> None:
    further = arena.spawn()
    further.until_ready(READY_SECONDS)
    further.terminate()
    arena.note(f"{further} joined and left")
