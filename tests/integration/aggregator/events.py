"""Events of the shipped streams, from a seed."""

import random
import zlib
from collections.abc import Sequence

import orjson

from schemas.topics import stream_topic
from tests.integration.aggregator.judging import home
from tests.integration.aggregator.topics import Raw
from tests.property.core.oracle import Event

T0 = 1_767_258_000_000
"""2026-01-01T09:00Z, in epoch milliseconds."""
PARTITIONS = 4
TICKET_RECORDS = 5


def call(number: int, time: int, generator: random.Random) -> Event:
    """One sales call."""
    return {
        "id": f"c{number}",
        "time": time,
        "call_id": f"c{number}",
        "rep_id": generator.choice(["ann", "bob", "cy"]),
        "team": generator.choice(["north", "south"]),
        "direction": generator.choice(["out", "out", "in"]),
        "outcome": generator.choice(["no_answer", "connected", "meeting"]),
        "duration_s": generator.randrange(600),
    }


def calls(count: int, generator: random.Random, *, first: int = 0, step: int = 2000) -> list[Event]:
    """Calls that follow each other every `step` milliseconds on average, none of them late."""
    return [
        call(number, T0 + number * step + generator.randint(-20_000, 20_000), generator)
        for number in range(first, first + count)
    ]


def tickets(count: int, generator: random.Random, *, first: int = 0, span: int = 3_000_000) -> list[Event]:
    """The whole lives of so many tickets, in the order of time. All begin within the first half of `span`
    milliseconds, and nothing is later than its end.
    """
    events: list[Event] = []
    for number in range(first, first + count):
        time = T0 + generator.randrange(span // 2)
        later = ["replied", "replied", "held", "resolved", "reopened"]
        actions = ["opened", *generator.choices(later, k=TICKET_RECORDS - 1)]
        for place, action in enumerate(actions):
            events.append(
                {
                    "id": f"t{number}-{place}",
                    "time": time,
                    "ticket_id": f"T{number}",
                    "customer_id": f"K{number % 17}",
                    "action": action,
                    "actor": generator.choice(["agent", "agent", "bot"]),
                    "public": generator.random() < 0.8,
                    "channel": "email",
                    "kind": "question",
                    "reason": "other",
                    "priority": generator.choice(["normal", "high"]),
                    "tier": "gold",
                    "team": generator.choice(["north", "south"]),
                }
            )
            time += generator.randrange(1, span // 10)
    return sorted(events, key=lambda event: int(str(event["time"])))


def deal_won(identity: str, source: str, deal_id: str, amount_minor: int, time: int) -> Event:
    """One deal won."""
    return {
        "id": identity,
        "source": source,
        "time": time,
        "deal_id": deal_id,
        "customer_id": "K1",
        "rep_id": "ann",
        "team": "north",
        "action": "won",
        "stage": "closing",
        "amount_minor": amount_minor,
        "currency": "EUR",
        "segment": "small",
        "region": "west",
    }


def spread(stream: str, events: Sequence[Event], partitions: int = PARTITIONS) -> list[Raw]:
    """Events of a plain stream, over its partitions in turn."""
    return [Raw(stream_topic(stream), number % partitions, orjson.dumps(event)) for number, event in enumerate(events)]


def keyed(
    stream: str, key: str, events: Sequence[Event], *, wrong_by: int = 0, partitions: int = PARTITIONS
) -> list[Raw]:
    """Events of an entity stream on the partition of their key, or so many partitions beside it."""
    return [
        Raw(
            stream_topic(stream),
            (home(str(event[key]), partitions) + wrong_by) % partitions,
            orjson.dumps(event),
            str(event[key]).encode(),
        )
        for event in events
    ]


def mixed(count: int, generator: random.Random, partitions: int) -> list[Raw]:
    """So many calls and, in turn with them, as many records of tickets. Every twentieth is said twice, but for the
    first tenth, and a third of the tickets lies on a wrong partition.
    """
    told = tickets(count // TICKET_RECORDS, generator)
    right, wrong = (keyed("support.ticket", "ticket_id", told, wrong_by=by, partitions=partitions) for by in (0, 1))
    streams = [
        spread("sales.call", calls(count, generator), partitions),
        [(wrong if zlib.crc32(raw.key or b"") % 3 == 0 else right)[place] for place, raw in enumerate(right)],
    ]
    for raws in streams:
        for place in generator.sample(range(count // 10, count), count // 20):
            raws[place] = raws[generator.randrange(place)]
    return [raw for pair in zip(*streams, strict=True) for raw in pair]
