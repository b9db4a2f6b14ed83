"""A worker that stands still until others have its tasks changes nothing when it wakes up, and counts again."""

import random
import signal
from concurrent.futures import ThreadPoolExecutor

from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 2
PART = 400


def test_a_worker_that_slept_harms_nothing_and_counts_again(broker: Broker, install: Install) -> None:
    raws = events.mixed(3 * PART, random.Random(3), PARTITIONS)
    first, second, third = (raws[at : at + 2 * PART] for at in range(0, len(raws), 2 * PART))
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    installation = install(broker, declarations=declarations)
    sleeper, awake = installation.start(2)

    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, first, over=2.0)
        installation.until_settled({CALLS: 60, TICKETS: 60})
        sleeper.process.send_signal(signal.SIGSTOP)
        fed.result()
    installation.until_shared([awake])
    installation.until_settled({CALLS: PART, TICKETS: PART})
    sleeper.process.send_signal(signal.SIGCONT)
    installation.produce(second, over=2.0)
    installation.until_shared([sleeper, awake])
    installation.produce(third)
    check_mixed(installation, installation.until_settled({CALLS: 3 * PART, TICKETS: 3 * PART}))
