"""Silence advances the watermark of a live stream, durably: a worker that comes later judges by it."""

import random
import time

import orjson

from schemas.topics import late_topic
from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared
from tests.integration.aggregator.judging import home
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.oracle import Event

TICKETS, CONTACTS = "support.ticket.v1", "support.contact.v1"
PARTITIONS = 2
LATENESS, DISORDER = 600_000, 1000
IDLE_SECONDS = 30.0


def ticket(partition: int, identity: str, at: int) -> Event:
    """A ticket that belongs to a partition, opened at a moment."""
    key = next(key for key in (f"T{number}" for number in range(100)) if home(key, PARTITIONS) == partition)
    opened = events.tickets(1, random.Random(partition))[0]
    return {**opened, "id": identity, "ticket_id": key, "time": at}


def contact(identity: str, at: int) -> Event:
    return {
        "id": identity,
        "time": at,
        "contact_id": identity,
        "customer_id": "K1",
        "channel": "phone",
        "direction": "in",
        "reason": "other",
        "answered": True,
    }


def watermarks(panes: Panes, unit: str, topic: str) -> list[int | None]:
    """By partition; None where there is none."""
    known = [panes.progress.get(f"{unit}/{partition}") for partition in range(PARTITIONS)]
    return [progress.topics[topic].watermark if progress else None for progress in known]


def test_idleness_is_written_down_before_it_counts(broker: Broker, install: Install) -> None:
    began = time.time_ns() // 1_000_000
    declarations = redeclared(
        "service",
        reading=DESK,
        streams={"support.contact": {"clock": "replay"}},
        partitions=PARTITIONS,
        disorder=DISORDER,
        lateness=LATENESS,
        idle_timeout="1s",
    )
    installation = install(broker, declarations=declarations)
    # On the wrong partition: where the broker has transactions, the right one's log ends with a marker, not a record.
    first = ticket(0, "first", began - 60_000)
    installation.produce(
        [
            *events.keyed("support.ticket", "ticket_id", [first], wrong_by=1, partitions=PARTITIONS),
            Raw(CONTACTS, 0, orjson.dumps(contact("first", began - 60_000))),
        ]
    )
    [worker] = installation.start()
    installation.until_settled({TICKETS: 1, CONTACTS: 1})
    settled = time.time_ns() // 1_000_000

    def idle() -> bool:
        marks = watermarks(installation.panes(), "ticket", TICKETS)
        return all(mark is not None and mark > settled for mark in marks)

    installation.until(idle, IDLE_SECONDS, "the watermarks of all partitions advanced")
    assert worker.terminate() == 0

    panes = installation.panes()
    lived = watermarks(panes, "ticket", TICKETS)
    marks = [mark for mark in panes.marks if mark.topic == TICKETS]
    for partition, watermark in enumerate(lived):
        position = panes.progress[f"ticket/{partition}"].topics[TICKETS].position
        last = max((mark for mark in marks if mark.task == f"ticket/{partition}"), key=lambda mark: mark.watermark)
        assert (last.watermark, last.offset) == (watermark, position)
        assert watermark is not None
        assert settled < watermark < time.time_ns() // 1_000_000 - DISORDER
    # A replayed stream stands still.
    assert watermarks(panes, "support.contact", CONTACTS) == [began - 60_000 - DISORDER, None]

    edges = [(partition, (watermark or 0) - LATENESS) for partition, watermark in enumerate(lived)]
    judged = [
        *(ticket(partition, "just in time", edge) for partition, edge in edges),
        *(ticket(partition, "too late", edge - 1) for partition, edge in edges),
    ]
    installation.produce(
        [
            *events.keyed("support.ticket", "ticket_id", judged, partitions=PARTITIONS),
            Raw(CONTACTS, 0, orjson.dumps(contact("second", began - 60_000))),
        ]
    )
    installation.start()
    panes = installation.until_settled({TICKETS: 1 + len(judged), CONTACTS: 2})
    fates = panes.fates(TICKETS)
    assert [(fates[partition]["aggregated"], fates[partition]["late"]) for partition in (0, 1)] == [(2, 1), (1, 1)]
    [late] = installation.log_of(late_topic("support.ticket"))
    assert [dict(record.headers)["kpi-lateness-ms"] for record in late] == [str(LATENESS + 1).encode()] * PARTITIONS
    assert {orjson.loads(record.value)["id"] for record in late} == {"too late"}
    assert panes.fates(CONTACTS)[0]["aggregated"] == 2
