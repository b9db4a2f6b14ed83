"""Values stay exact while workers come, go and die."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import Rows, encode
from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared
from tests.integration.aggregator.topics import Panes, Raw

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 3
"""Not a multiple of the workers: the topics of one task must come together however the partitions fall."""
PART = 600


def cut_short(panes: Panes) -> list[Raw]:
    """What a flush leaves that a kill cut short, where nothing aborts it: rows, here twice as high, and no progress."""
    torn = [
        replace(row, incarnation="dead", columns={name: [2 * (n or 0) for n in ns] for name, ns in row.columns.items()})
        for row in panes.records
        if isinstance(row, Rows)
    ]
    written = [(int(row.task.rpartition("/")[2]), *encode(row, tombstones=False)) for row in torn]
    return [Raw(PANES, panes_partition(partition), value, key) for partition, key, value in written]


def test_values_are_exact_while_owners_change(broker: Broker, install: Install) -> None:
    raws = events.mixed(2 * PART, random.Random(9), PARTITIONS)
    first_part, second_part = raws[: 2 * PART], raws[2 * PART :]
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    installation = install(broker, declarations=declarations)
    leaving, staying = installation.start(2)

    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, first_part, over=2.0)
        installation.until_settled({CALLS: 60, TICKETS: 60})
        assert leaving.terminate() == 0
        installation.until_shared([staying])
        fed.result()
    panes = installation.until_settled({CALLS: PART, TICKETS: PART})
    check_mixed(installation, panes)
    if not broker.transactions:
        installation.produce(cut_short(panes))

    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, second_part, over=2.0)
        installation.until_settled({CALLS: PART + 60, TICKETS: PART + 60})
        staying.kill()
        fresh = installation.spawn()
        fed.result()
    check_mixed(installation, installation.until_settled({CALLS: 2 * PART, TICKETS: 2 * PART}))
    installation.until_shared([fresh])

    assert fresh.terminate() == 0
    for worker in (leaving, fresh):
        assert "Traceback" not in worker.output
