"""Values stay exact while workers come, go and die."""

import random
import zlib
from concurrent.futures import ThreadPoolExecutor

from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import accepted, check_books, check_calls, check_tickets
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import redeclared
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.topics import Panes, Raw

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 3
"""Not a multiple of the workers: the topics of one task must come together however the partitions fall."""
PART = 600


def parts(generator: random.Random) -> list[list[Raw]]:
    """Three parts of a stream of calls and of ticket records, as many of the one as of the other, some said twice.

    A third of the ticket records lies on a wrong partition.
    """
    calls = events.spread("sales.call", events.calls(3 * PART, generator), PARTITIONS)
    told = events.tickets(3 * PART // 5, generator)
    right, wrong = (
        events.keyed("support.ticket", "ticket_id", told, wrong_by=by, partitions=PARTITIONS) for by in (0, 1)
    )
    tickets = [(wrong if zlib.crc32(raw.key or b"") % 3 == 0 else right)[number] for number, raw in enumerate(right)]
    for raws in (calls, tickets):
        for number in generator.sample(range(PART, 3 * PART), 30):
            raws[number] = raws[generator.randrange(number)]
    return [
        [raw for pair in zip(calls[at : at + PART], tickets[at : at + PART], strict=True) for raw in pair]
        for at in range(0, 3 * PART, PART)
    ]


def check(installation: Installation, panes: Panes) -> None:
    check_calls(installation, panes, accepted(check_books(installation, panes, "sales.call")))
    check_tickets(installation, panes, accepted(check_books(installation, panes, "support.ticket")))


def test_values_are_exact_while_owners_change(broker: Broker, install: Install) -> None:
    first_part, second_part, third_part = parts(random.Random(9))
    declarations = redeclared("sales", "service", partitions=PARTITIONS, idle_timeout="1h")
    installation = install(broker, declarations=declarations)
    leaving, staying = installation.start(2)

    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, first_part, over=4.0)
        installation.until_settled({CALLS: 60, TICKETS: 60})
        assert leaving.terminate() == 0
        installation.until_shared([staying])
        fed.result()
    check(installation, installation.until_settled({CALLS: PART, TICKETS: PART}))

    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, second_part, over=4.0)
        installation.until_settled({CALLS: PART + 60, TICKETS: PART + 60})
        staying.kill()
        fresh = installation.spawn()
        fed.result()
    check(installation, installation.until_settled({CALLS: 2 * PART, TICKETS: 2 * PART}))
    installation.until_shared([fresh])

    assert fresh.terminate() == 0
    installation.produce(third_part)
    [last] = installation.start()
    check(installation, installation.until_settled({CALLS: 3 * PART, TICKETS: 3 * PART}))
    assert last.records_taken() < 2 * len(third_part)
    for worker in (leaving, fresh):
        assert "Traceback" not in worker.output
