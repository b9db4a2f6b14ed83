"""What a worker tells Prometheus is what it has written, and its work is told with its progress."""

import random
import re
from collections import defaultdict

from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import redeclared
from tests.integration.aggregator.harness import Worker

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 2
PART = 400
_SAMPLE = re.compile(r"^(\w+?)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')

Samples = dict[str, dict[tuple[str, ...], float]]


def samples(worker: Worker) -> Samples:
    """Values by metric and by the values of its labels, in the order of their names."""
    found: Samples = defaultdict(dict)
    for name, labels, value in _SAMPLE.findall(worker.get("/metrics").text):
        found[name][tuple(said for _, said in sorted(_LABEL.findall(labels)))] = float(value)
    return found


def test_a_worker_tells_what_it_has_written_and_how_the_work_goes(broker: Broker, install: Install) -> None:
    declarations = redeclared(
        "sales", "service", reading=("sales.call", "support.ticket"), partitions=PARTITIONS, idle_timeout="1h"
    )
    installation = install(broker, declarations=declarations)
    (first,) = installation.start()
    raws = events.mixed(2 * PART, random.Random(5), PARTITIONS)
    installation.produce(raws[: 2 * PART])
    installation.until_settled({CALLS: PART, TICKETS: PART})
    first.kill()
    (worker,) = installation.start()
    installation.produce(raws[2 * PART :])
    panes = installation.until_settled({CALLS: 2 * PART, TICKETS: 2 * PART})

    def told(topic: str) -> dict[int, dict[str, float]]:
        found: dict[int, dict[str, float]] = defaultdict(dict)
        for (fate, partition, name), count in samples(worker)["kpi_worker_events_total"].items():
            if name == topic:
                found[int(partition)][fate] = count
        return found

    for topic in (CALLS, TICKETS):
        installation.until(lambda topic=topic: told(topic) == panes.fates(topic), 10, f"{topic} told")  # type: ignore[misc]
    # Markers of transactions are passed over a little later.
    installation.until(lambda: set(samples(worker)["kpi_worker_lag_records"].values()) == {0.0}, 20, "all is read")
    found = samples(worker)
    assert {(str(number), topic) for topic in (CALLS, TICKETS) for number in range(PARTITIONS)} <= found[
        "kpi_worker_books_unbalanced_records"
    ].keys()
    assert set(found["kpi_worker_books_unbalanced_records"].values()) == {0.0}
    assert found["kpi_worker_flush_seconds_count"][()] > 0
    assert found["kpi_worker_recovery_seconds_count"][()] > 0
    assert found["kpi_worker_take_overs_total"][()] >= len(installation.all_tasks())
    assert found["kpi_worker_fencings_total"][()] == 0

    for task, progress in panes.progress.items():
        if any(topic.consumed for topic in progress.topics.values()):
            assert progress.work.take_overs == 2, task
            assert progress.work.recovery > 0
            assert progress.work.fencings == 0
    assert any(progress.work.flush for progress in panes.progress.values())
