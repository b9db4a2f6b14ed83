"""A worker that stood still until the group gave its tasks away, and comes back to them."""

import random
import signal

from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import redeclared

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 3
PART = 300
OUT_SECONDS = 30.0


def test_worker_that_was_thrown_out_counts_again(broker: Broker, install: Install) -> None:
    raws = events.mixed(2 * PART, random.Random(5), PARTITIONS)
    declarations = redeclared("sales", "service", partitions=PARTITIONS, idle_timeout="1h")
    installation = install(broker, declarations=declarations)
    stopped, staying = installation.start(2)
    installation.produce(raws[: 2 * PART])
    installation.until_settled({CALLS: PART, TICKETS: PART})

    stopped.process.send_signal(signal.SIGSTOP)
    try:
        installation.until_shared([staying])
    finally:
        stopped.process.send_signal(signal.SIGCONT)
    installation.until_shared([stopped, staying])
    installation.until(lambda: bool(stopped.tasks()), OUT_SECONDS, "the worker has tasks again")

    installation.produce(raws[2 * PART :])
    check_mixed(installation, installation.until_settled({CALLS: 2 * PART, TICKETS: 2 * PART}))
