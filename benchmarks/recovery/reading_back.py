"""How long a worker takes to read back what another has written."""

import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.core.tables import Row
from benchmarks.recovery.cluster import Cluster, cluster
from benchmarks.recovery.loads import PARTITIONS, REGIONS, TEAMS, Event, send, tickets, wide
from benchmarks.recovery.workers import Worker, until

HEADER = (
    "one worker, six partitions",
    "held",
    "panes topic, bytes each",
    "recovery, s",
    "a second",
    "start to ready, s",
    "CPU, s",
    "MiB after",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is read back. `metric`: by which a worker tells how many of them it holds."""

    title: str
    metric: str

    def events(self, count: int) -> Iterable[Event]:
        """Events that make at least so many of them."""
        if self.metric == "kpi_worker_entities":
            return tickets(count)
        return wide(-(-count // (TEAMS * REGIONS * PARTITIONS)))


ROWS = Kind("rows of panes", "kpi_worker_pane_rows")
ENTITIES = Kind("entities", "kpi_worker_entities")


def rows(kind: Kind, count: int, repetitions: int) -> Iterator[Row]:
    """A line of the table, once a worker has written them, and others have read them back so often."""
    with cluster() as broker:
        write(broker, kind, count)
        yield _read_back(broker, kind, repetitions)


def write(broker: Cluster, kind: Kind, count: int) -> None:
    """One worker counts so many of them, and ends once all of it is written."""
    wanted = send(broker.bootstrap, kind.events(count)).total()
    writer = Worker(broker.bootstrap, broker.folder, "writer")
    try:
        until(lambda: writer.ready() and writer.measured("kpi_worker_events_total") >= wanted, "all written")
        writer.stop()
    finally:
        writer.kill()


def _read_back(broker: Cluster, kind: Kind, repetitions: int) -> Row:
    size = broker.log_bytes()
    recoveries, starts, cpus, memory, held = [], [], [], [], 0
    for number in range(repetitions):
        worker = Worker(broker.bootstrap, broker.folder, f"reader-{number}")
        try:
            until(worker.ready, "ready", 0.02)
            starts.append(time.monotonic() - worker.began)
            cpus.append(worker.cpu())
            held = int(worker.measured(kind.metric))
            memory.append(worker.resident_mib())
            # All tasks are taken over at the same time, those of one partition of the panes topic together.
            total, jobs = (worker.measured(f"kpi_worker_recovery_seconds_{part}") for part in ("sum", "count"))
            recoveries.append(total / jobs)
            worker.stop()  # one that is killed would be waited for by the next
        finally:
            worker.kill()
    recovery = statistics.median(recoveries)
    return (
        kind.title,
        f"{held:,}",
        f"{size / held:.0f}",
        f"{recovery:.2f}",
        f"{held / recovery:,.0f}",
        f"{statistics.median(starts):.2f}",
        f"{statistics.median(cpus):.2f}",
        f"{statistics.median(memory):.0f}",
    )
