"""Two streams joined by a field that only one of them is keyed by; two kinds of entities read one re-keyed topic."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

import orjson

from kpi.books import unbalanced
from kpi.grains import MINUTE
from tests.brokers.fixtures import Broker
from tests.integration.aggregator.comparison import totals
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.joins import DEALS, DECLARATIONS, LEADS, conversions, deal, lead
from tests.property.core.oracle import Event

BUYERS = """
---
entity: buyer
of: {shop.deal: lead_id}
forget_after: never
states:
  bought: {first: "action = 'won'"}
contributions:
  bought: {at: bought_time}
---
kpi: first_purchases
title: First purchases
sentence: How many leads bought for the first time.
owner: sales
department: sales
kind: lagging
unit: leads
direction: up
windows: {calendar: [day]}
measures:
  bought: {from: buyer.bought, aggregate: count}
formula: bought
"""
KEYS = [f"L{number}" for number in range(40)]


def records(count: int, generator: random.Random) -> list[Raw]:
    """Leads and deals in the order of time, a second or so apart, each on any partition: none of them late."""
    found = []
    for number in range(count):
        key, time = generator.choice(KEYS), number * 1000
        if generator.random() < 0.5:
            topic, event = LEADS, lead(number, key, time)
        else:
            action = generator.choice(["won", "lost"])
            topic, event = DEALS, deal(number, generator.choice([key, key, key, None]), time, action)
        found.append(Raw(topic, generator.randrange(2), orjson.dumps(event)))
    return found


def joined(installation: Installation, wanted: dict[str, int]) -> Panes:
    """The panes once the tasks of these units have counted so many records of re-keyed topics."""
    seen: list[Panes] = []

    def settled() -> bool:
        panes = installation.panes()
        seen.append(panes)
        found: Counter[str] = Counter()
        for task, progress in panes.progress.items():
            found[task.partition("/")[0]] += sum(topic.fates["aggregated"] for topic in progress.topics.values())
        return all(found[unit] >= count for unit, count in wanted.items())

    installation.until(settled, 60.0, f"{wanted} counted")
    return seen[-1]


def check(installation: Installation, raws: Sequence[Raw], *, once: bool = True) -> None:
    """Both kinds of entities against a plain computation, and the books of what they read.

    `once`: whether nothing was copied twice, as where a flush counts with its copies or not at all.
    """
    events: list[Event] = [orjson.loads(raw.value or b"") for raw in raws]
    deals = [event for event in events if "action" in event and event["lead_id"] is not None]
    named = [event for event in events if event["lead_id"] is not None]
    panes = joined(installation, {"lead": len(named), "buyer": len(deals)})
    leads = totals(installation, panes, ("lead_conversion", "leads"), "1m", ["region"])
    won = totals(installation, panes, ("lead_conversion", "won"), "1m", ["region"])
    assert {key: (count, won.get(key, (0, 0))[1]) for key, (count, _) in leads.items()} == conversions(events)
    first: dict[object, int] = defaultdict(lambda: 2**62)
    for event in deals:
        if event["action"] == "won":
            first[event["lead_id"]] = min(first[event["lead_id"]], int(str(event["time"])))
    bought = totals(installation, panes, ("first_purchases", "bought"), "1m")
    assert bought == {
        (start,): (count, 0) for start, count in Counter(time // MINUTE * MINUTE for time in first.values()).items()
    }
    for unit, progress in panes.progress.items():
        for name, topic in progress.topics.items():
            if ".by." in name:
                repeats = 0 if once else topic.fates["duplicate"]
                assert topic.fates["aggregated"] + repeats == sum(topic.fates.values()), unit
                assert not unbalanced(topic), unit
                assert topic.marks, unit


def test_streams_are_joined_by_another_field(broker: Broker, install: Install) -> None:
    raws = records(1200, random.Random(5))
    installation = install(broker, declarations=DECLARATIONS + BUYERS)
    first, second = installation.start(2)
    installation.produce(raws[:600])
    check(installation, raws[:600])
    assert first.terminate() == 0
    installation.until_shared([second])
    installation.produce(raws[600:])
    check(installation, raws)
    assert "Traceback" not in first.output + second.output
