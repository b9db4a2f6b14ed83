"""How long partitions are without an owner who counts: in rebalances, and after a kill."""

import random
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.core.tables import Row
from benchmarks.recovery.cluster import Cluster, cluster
from benchmarks.recovery.loads import Trickle
from benchmarks.recovery.workers import Note, Worker, until, until_shared

PER_SECOND = 1000
"""Of each of the two topics."""
SETTLED = 3.0
SESSION = 6.0
PAUSE_HEADER = ("what happens", "times", "tasks kept", "pause, s: median", "mean", "90 of 100", "worst")
TAKE_OVER_HEADER = ("after kill -9", "kills", "s: median", "worst", "less the session of 6 s: median", "worst")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something happened, in seconds of the monotonic clock."""

    start: float
    end: float


def _pauses(worker: Worker, span: Span, kept: set[str]) -> list[float]:
    """For each task that it kept, the longest time within the span without any record taken."""
    taken = [note for note in worker.notes() if note.what == "took" and span.start <= note.at <= span.end]
    moments = ([span.start, *(note.at for note in taken if note.task == task), span.end] for task in kept)
    return [max(after - before for before, after in pairwise(at)) for at in moments]


def _until_counting(workers: Sequence[Worker], tasks: Iterable[str]) -> None:
    """Waits until these workers share all tasks, and records of each of them come."""
    wanted = set(tasks)
    until_shared(workers, wanted)
    until(lambda: {note.task for worker in workers for note in worker.notes()} >= wanted, "records of all tasks")


def _settle() -> Span:
    """A while in which nothing happens."""
    start = time.monotonic()
    time.sleep(SETTLED)
    return Span(start, time.monotonic())


def pauses(times: int) -> Iterator[Row]:
    """Two workers that stay, and a third that joins and leaves so often: a line for joining, leaving, and neither."""
    found: dict[str, list[float]] = {"nothing": [], "a third joins": [], "it leaves": []}
    with cluster() as broker, Trickle(broker.bootstrap, PER_SECOND):
        staying = [Worker(broker.bootstrap, broker.folder, f"staying-{number}") for number in range(2)]
        try:
            _until_counting(staying, broker.tasks)
            for number in range(times):
                _note(found["nothing"], staying, _settle(), [worker.tasks() for worker in staying])
                owned = [worker.tasks() for worker in staying]
                third, span = _joined(broker, staying, number)
                try:
                    after = [worker.tasks() for worker in staying]
                    _note(
                        found["a third joins"],
                        staying,
                        span,
                        [was & now for was, now in zip(owned, after, strict=True)],
                    )
                    _settle()
                    start = time.monotonic()
                    third.stop()
                    until_shared(staying, broker.tasks)
                    _settle()
                    kept = _kept(after, [worker.tasks() for worker in staying])
                    _note(found["it leaves"], staying, Span(start, time.monotonic()), kept)
                finally:
                    third.kill()
        finally:
            for worker in staying:
                worker.kill()
    for what, each in found.items():
        each.sort()
        worst, most = each[-1], each[int(0.9 * len(each))]
        middle, mean = statistics.median(each), statistics.mean(each)
        yield what, str(times), str(len(each)), f"{middle:.2f}", f"{mean:.2f}", f"{most:.2f}", f"{worst:.2f}"


def _kept(before: Sequence[set[str]], after: Sequence[set[str]]) -> list[set[str]]:
    return [was & now for was, now in zip(before, after, strict=True)]


def _note(found: list[float], staying: Sequence[Worker], span: Span, kept: Sequence[set[str]]) -> None:
    for worker, tasks in zip(staying, kept, strict=True):
        found += _pauses(worker, span, tasks)


def _joined(broker: Cluster, staying: Sequence[Worker], number: int) -> tuple[Worker, Span]:
    third = Worker(broker.bootstrap, broker.folder, f"third-{number}")
    start = time.monotonic()
    until_shared([*staying, third], broker.tasks)
    _settle()
    return third, Span(start, time.monotonic())


def take_overs(times: int) -> Iterator[Row]:
    """One of two workers is killed so often: a line for the first records counted, and for the first flush."""
    chance, spans = random.Random(7), []
    with cluster() as broker, Trickle(broker.bootstrap, PER_SECOND):
        workers = [Worker(broker.bootstrap, broker.folder, f"worker-{number}") for number in range(2)]
        try:
            for number in range(times):
                _until_counting(workers, broker.tasks)
                time.sleep(SETTLED * chance.random())
                victim = workers.pop(0)
                orphans, killed = victim.tasks(), time.monotonic()
                victim.kill()
                (heir,) = workers
                until(lambda heir=heir: heir.tasks() >= broker.tasks, "all taken over")  # type: ignore[misc]
                _settle()
                spans.append((heir, killed, orphans))
                workers.append(Worker(broker.bootstrap, broker.folder, f"worker-{number + 2}"))
        finally:
            for worker in workers:
                worker.kill()
        for title, what in (("until records of all its tasks are taken", "took"), ("until all are flushed", "wrote")):
            each = [max(_first(heir.notes(), what, task, at) for task in orphans) - at for heir, at, orphans in spans]
            middle, worst = statistics.median(each), max(each)
            beyond = f"{middle - SESSION:.2f}", f"{worst - SESSION:.2f}"
            yield title, str(times), f"{middle:.2f}", f"{worst:.2f}", *beyond


def _first(notes: Sequence[Note], what: str, task: str, since: float) -> float:
    """When the worker first did this for the task, from then on."""
    return next(note.at for note in notes if note.what == what and note.task == task and note.at >= since)
