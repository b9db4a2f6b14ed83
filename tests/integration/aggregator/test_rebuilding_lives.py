"""Joins and tickets of another definition, rebuilt as a whole beside a running worker."""

import random

import orjson

from tests.brokers.fixtures import Broker
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.judging import home
from tests.integration.aggregator.test_rebuilding import rebuild, redeclare
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.joins import DEALS, DECLARATIONS, LEADS, conversions, deal, lead
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served

PARTITIONS = 2
NOW = DECLARATIONS.replace("idle_timeout: 1m", "clock: replay")
BEFORE = NOW.replace("forget_after: 10m", "forget_after: 3m")


def told(count: int, generator: random.Random, first: int = 0) -> list[Raw]:
    """Leads and deals half a minute apart, of a few keys that come back again and again."""
    found = []
    for number in range(first, first + count):
        key, time = f"k{generator.randrange(20)}", number * 2000
        if generator.random() < 0.5:
            found.append(Raw(LEADS, home(key, PARTITIONS), orjson.dumps(lead(number, key, time)), key.encode()))
        else:
            found.append(Raw(DEALS, number % PARTITIONS, orjson.dumps(deal(number, key, time)), b"d"))
    return found


def check(installation: Installation, panes: Panes) -> None:
    """Every minute of every region, against the topics as they stand: nothing is late here."""
    events: list[Event] = [
        orjson.loads(record.value) for topic in (LEADS, DEALS) for log in installation.log_of(topic) for record in log
    ]
    found: dict[tuple[object, object], list[int]] = {}
    served = Served(installation.plan, panes.records)
    for measure, place in (("leads", 0), ("won", 1)):
        column = "value" if place else "count"
        for names, columns in served.rows("lead_conversion", measure, "1m", 0, 2**62):
            found.setdefault((columns["start"], names["region"]), [0, 0])[place] += columns[column]
    assert {key: tuple(sums) for key, sums in found.items() if any(sums)} == conversions(events)


def test_a_join_of_another_definition(broker: Broker, install: Install) -> None:
    generator = random.Random(4)
    installation = install(broker, declarations=BEFORE)
    (worker,) = installation.start()
    first = told(400, generator)
    installation.produce(first)
    wanted = {topic: sum(raw.topic == topic for raw in first) for topic in (LEADS, DEALS)}
    installation.until_settled(wanted)
    copies = {topic.replace(".v1", ".by.lead_id.v1"): count for topic, count in wanted.items()}
    installation.until_settled(copies)
    worker.terminate()

    redeclare(installation, NOW)
    (worker,) = installation.start()
    second = told(200, generator, first=400)
    installation.produce(second)
    for raw in second:
        copies[raw.topic.replace(".v1", ".by.lead_id.v1")] += 1
    installation.until_settled(copies)
    status, said, errors = rebuild(installation, "lead_conversion")
    assert status == 0, errors
    assert "lead: " in said
    check(installation, installation.panes())

    third = told(200, generator, first=600)
    installation.produce(third)
    for raw in third:
        copies[raw.topic.replace(".v1", ".by.lead_id.v1")] += 1
    check(installation, installation.until_settled(copies))
    status, said, errors = rebuild(installation)
    assert status == 0, errors
    assert said.count("switched") == len(installation.plan.units)
    check(installation, installation.panes())
    assert worker.ready()
