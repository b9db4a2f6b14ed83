"""Over months, fine panes are dropped and levels keep their base; a restart changes nothing of it."""

import random
from collections.abc import Sequence

from kpi.grains import DAY, HOUR, MINUTE, QUARTER
from schemas.wire import Base, Rows
from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import accepted, check_answers, check_books, totals
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import redeclared
from tests.integration.aggregator.events import T0
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.topics import Panes
from tests.property.core import oracle
from tests.property.core.oracle import Event

TICKETS = "support.ticket.v1"
PARTITIONS = 2
BACKLOG = ("ticket_backlog", "open_tickets")
GRAINS = {"1m": (MINUTE, 2 * DAY, HOUR), "15m": (QUARTER, 60 * DAY, DAY)}
"""Length, how long it is kept, and the blocks that are dropped as a whole: in milliseconds."""


def months(generator: random.Random) -> list[Event]:
    """A ticket every other day for five months. Most are answered, a third resolved, and many simply abandoned."""
    told = []
    for number in range(75):
        opened = events.tickets(1, generator, first=number)[0]
        at = T0 + 2 * DAY * number + generator.randrange(DAY)
        said = [("opened", at), ("replied", at + generator.randrange(2 * HOUR)), ("resolved", at + 5 * DAY)]
        told += [
            {**opened, "id": f"{number}-{action}", "action": action, "time": time, "actor": "agent", "public": True}
            for action, time in said[: 1 + number % 3]
        ]
    return sorted(told, key=lambda event: int(str(event["time"])))


def check_retention(installation: Installation, panes: Panes) -> None:
    """Of each grain there is what its retention says, no more and no less."""
    told = accepted(check_books(installation, panes, "support.ticket"))
    check_answers(installation, panes, told, "1d:UTC")
    rows = [record for record in panes.records if isinstance(record, Rows) and any(record.columns.values())]
    for name, (_, keep, block) in GRAINS.items():
        horizons = {}
        for partition in range(PARTITIONS):
            watermark = panes.progress[f"ticket/{partition}"].topics[TICKETS].watermark or 0
            horizons[f"ticket/{partition}"] = (watermark - keep) // block * block
            assert panes.progress[f"ticket/{partition}"].retained[name] == horizons[f"ticket/{partition}"]
        kept = [row for row in rows if row.grain == name]
        assert all(row.start >= horizons[row.task] for row in kept)
        check_backlog(installation, panes, told, name, max(horizons.values()))


def check_backlog(installation: Installation, panes: Panes, told: Sequence[Event], grain: str, horizon: int) -> None:
    """From the horizon on, the base and the panes before a moment add up to the tickets open at it."""
    group = installation.plan.readings[BACKLOG].group
    bases = [r for r in panes.records if isinstance(r, Base) and r.group == group and r.grain == grain]
    before = sum(count or 0 for base in bases for count in base.columns["s0"])
    changes = totals(installation, panes, BACKLOG, grain)
    length = GRAINS[grain][0]
    last = max(int(str(event["time"])) for event in told)
    moments = [horizon, *range(horizon + length, last + length, max(length, (last - horizon) // 20 // length * length))]
    levels = [before + sum(c for (start,), (c, _) in changes.items() if int(str(start)) < m) for m in moments]
    assert levels == [oracle.open_tickets(list(told), moment) for moment in moments]
    assert before > 0


def test_fine_panes_retire_and_levels_keep_their_base(broker: Broker, install: Install) -> None:
    told = months(random.Random(4))
    raws = events.keyed("support.ticket", "ticket_id", told, partitions=PARTITIONS)
    declarations = redeclared("service", reading=("support.ticket",), partitions=PARTITIONS, clock="replay")
    installation = install(broker, declarations=declarations)
    first, later, last = raws[:60], raws[60:-10], raws[-10:]

    installation.produce(first)
    [worker] = installation.start()
    installation.until_settled({TICKETS: len(first)})
    if broker.transactions:
        installation.give_up(last)
    installation.produce(later)
    check_retention(installation, installation.until_settled({TICKETS: len(first) + len(later)}))

    assert worker.terminate() == 0
    installation.produce(last)
    [worker] = installation.start()
    check_retention(installation, installation.until_settled({TICKETS: len(raws)}))
    # It went on where the first had stopped.
    assert worker.records_taken() < len(later)
