"""The broker is gone, or stands still, for a while: nothing is lost, repeated or piled up, and all goes on again."""

import random
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.runtime.processes import resident_bytes
from tests.brokers.fixtures import Broker
from tests.brokers.running import running_kafka
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared
from tests.integration.aggregator.harness import Worker

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 2
PART = 400
BRIEF, LONG, STILL = 8.0, 50.0, 12.0
"""Seconds. In a brief outage a flush is waited for; a long one is longer than it, the session and every request."""
END_SECONDS = 60.0
MOST_GROWTH = 40 << 20


def hold(workers: Sequence[Worker], seconds: float) -> None:
    """Lets so much time pass; the workers live through it, and their memory stays as it is."""
    end, before = time.monotonic() + seconds, [resident_bytes(worker.process.pid) for worker in workers]
    while time.monotonic() < end:
        for worker, held in zip(workers, before, strict=True):
            assert worker.process.poll() is None, worker.output
            assert resident_bytes(worker.process.pid) < held + MOST_GROWTH
        time.sleep(0.5)


@pytest.mark.usefixtures("kafka_ready")
def test_a_broker_that_stands_still_under_load_is_waited_for(install: Install, tmp_path: Path) -> None:
    raws = events.mixed(3 * PART, random.Random(13), PARTITIONS)
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    with running_kafka(tmp_path / "kafka") as (cluster, connection), ThreadPoolExecutor(1) as feeder:
        broker = Broker("kafka", cluster.bootstrap, transactions=True, connection=connection)
        installation = install(broker, declarations=declarations)
        workers = installation.start(2)
        fed = feeder.submit(installation.produce, raws, over=5.0)
        installation.until_settled({CALLS: PART, TICKETS: PART})
        cluster.nodes[0].suspend()
        hold(workers, STILL)
        cluster.nodes[0].resume()
        fed.result()
        check_mixed(installation, installation.until_settled({CALLS: 3 * PART, TICKETS: 3 * PART}))
        installation.until_shared(workers)
        assert not any("Traceback" in worker.output for worker in workers)


@pytest.mark.usefixtures("kafka_ready")
def test_a_worker_ends_while_the_broker_is_gone(install: Install, tmp_path: Path) -> None:
    raws = events.mixed(PART, random.Random(14), PARTITIONS)
    with running_kafka(tmp_path / "kafka") as (cluster, connection):
        broker = Broker("kafka", cluster.bootstrap, transactions=True, connection=connection)
        installation = install(broker, declarations=redeclared("sales", "service", reading=DESK, partitions=PARTITIONS))
        [worker] = installation.start()
        installation.produce(raws)
        cluster.nodes[0].kill()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(END_SECONDS) == 0
        assert "Traceback" not in worker.output


@pytest.mark.usefixtures("kafka_ready")
@pytest.mark.parametrize("seconds", [BRIEF, LONG])
def test_an_outage_is_waited_out(install: Install, tmp_path: Path, seconds: float) -> None:
    raws = events.mixed(3 * PART, random.Random(12), PARTITIONS)
    first, second, third = (raws[at : at + 2 * PART] for at in range(0, len(raws), 2 * PART))
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    with running_kafka(tmp_path / "kafka") as (cluster, connection):
        broker = Broker("kafka", cluster.bootstrap, transactions=True, connection=connection)
        installation = install(broker, declarations=declarations)
        workers = installation.start(2)
        installation.produce(first)
        installation.until_settled({CALLS: PART, TICKETS: PART})
        installation.produce(second)
        cluster.nodes[0].kill()
        hold(workers, seconds)
        cluster.nodes[0].start()
        cluster.wait_ready(connection, 1)
        installation.produce(third)
        check_mixed(installation, installation.until_settled({CALLS: 3 * PART, TICKETS: 3 * PART}))
        installation.until_shared(workers)
        for worker in workers:
            assert worker.terminate() == 0
            assert "Traceback" not in worker.output
