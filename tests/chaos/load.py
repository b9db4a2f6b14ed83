"""What is sent in a run, all of it from one seed: four streams whose times go ahead side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import orjson

from tests.chaos.declared import (
    CALLS,
    DAY,
    DEALS,
    DISORDER,
    HOUR,
    KEYS,
    LATENESS,
    LEADS,
    MINUTE,
    PARTITIONS,
    TICKETS,
    home,
)

T0 = 1_767_306_600_000
"""2026-01-01T22:30Z: midnight lies within every load."""
SHARES: Mapping[str, float] = {CALLS: 0.45, TICKETS: 0.3, LEADS: 0.11, DEALS: 0.14}
ENTITY_RECORDS = 5
HURRY = 1_000
"""How much faster than they were due records arrive that were withheld."""

Fields = dict[str, Any]
Place = Callable[[str, Random], int]
"""Where a producer puts a key."""


class Message(NamedTuple):
    """A record to be sent. `due`: the event time (epoch milliseconds) at which its producer sends it."""

    due: int
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


def by_murmur2(key: str, _: Random) -> int:
    """Kafka's default."""
    return home(key)


def by_crc32(key: str, _: Random) -> int:
    """What librdkafka does by default."""
    return home(key, "crc32")


def anywhere(_: str, random: Random) -> int:
    """Each record somewhere else."""
    return random.randrange(PARTITIONS)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How much is sent, and how much of it is odd.

    `events`: valid ones, about. `seconds`: how long the live part takes. `preloaded`: the share that is there before
    the workers start. `start`, `span`: where event time begins (epoch
    milliseconds), and for how long it goes on. `duplicates`, `late`, `invalid`: shares of all. `misplaced`:
    the share of keys whose records lie on a wrong partition. `taken_back`: the share of deals that are voided or
    corrected. `place`: the producers' partitioner. `withheld`: by topic, the part of the span (0 to 1, from, to) in
    which nothing of it arrives, to come all at once, in its order, at the end of that. `begin`: epoch milliseconds.
    """

    events: int = 400_000
    seconds: float = 120.0
    preloaded: float = 0.5
    start: int = T0
    span: int = 3 * HOUR
    duplicates: float = 0.01
    late: float = 0.01
    invalid: float = 0.01
    misplaced: float = 0.02
    taken_back: float = 0.05
    place: Place = by_murmur2
    withheld: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    begin: int = T0


@dataclass(frozen=True, slots=True)
class Load:
    """All messages, in the order in which they are sent."""

    messages: Sequence[Message]
    options: LoadOptions

    @property
    def preloaded(self) -> Sequence[Message]:
        """What is there before the workers start."""
        return self.messages[: int(len(self.messages) * self.options.preloaded)]

    @property
    def live(self) -> Sequence[Message]:
        """What comes while they run."""
        return self.messages[int(len(self.messages) * self.options.preloaded) :]


def draw(seed: int, options: LoadOptions) -> Load:
    """The load of a seed; twice the same for the same options."""
    messages = list(_Drawing(Random(seed), options).messages())
    messages.sort(key=lambda message: message.due)
    return Load(messages, options)


class _Drawing:
    def __init__(self, random: Random, options: LoadOptions) -> None:
        self._random, self._options, self._number = random, options, 0

    def messages(self) -> Iterator[Message]:
        """In no order."""
        counts = {topic: int(self._options.events * share) for topic, share in SHARES.items()}
        leads = [f"L{number:x}" for number in range(max(1, counts[LEADS] * 4 // 5))]
        yield from self._stream(CALLS, self._calls(counts[CALLS]))
        yield from self._stream(TICKETS, self._tickets(counts[TICKETS]))
        yield from self._stream(LEADS, self._leads(leads, counts[LEADS]))
        yield from self._stream(DEALS, self._deals(leads, counts[DEALS]))

    def _stream(self, topic: str, events: Iterator[Fields]) -> Iterator[Message]:
        """Each event with what goes wrong with it: out of order, too late, said twice, spoilt."""
        random, options = self._random, self._options
        disorder, lateness = DISORDER[topic], LATENESS[topic]
        window = options.withheld.get(topic)
        low, high = (options.begin + int(options.span * part) for part in window) if window else (0, 0)
        chance = random.random
        for event in events:
            time = event["time"]
            due = time + int(chance() * disorder)
            if chance() < options.late:
                due = time + disorder + int(lateness * (0.5 + 2 * chance()))
            if low <= due < high:
                due = high + (due - low) // HURRY
            elif high <= due < high + (high - low) // HURRY:
                # A producer keeps the order: what was withheld goes first.
                due = high + (high - low) // HURRY + (due - high) // HURRY
            key = str(event[KEYS[topic]])
            partition = options.place(key, random)
            if crc32(key.encode()) % 1000 < options.misplaced * 1000:
                partition = (partition + 1) % PARTITIONS
            encoded = None if topic == CALLS else key.encode()
            yield Message(due, topic, partition, encoded, orjson.dumps(event))
            if chance() < options.duplicates:
                again = due + int(chance() * 5 * MINUTE)
                yield Message(again, topic, partition, encoded, orjson.dumps(self._said_again(topic, event)))
            if chance() < options.invalid:
                yield Message(due, topic, partition, encoded, self._spoilt(event))

    def _said_again(self, topic: str, event: Fields) -> Fields:
        """The same id once more, for each second one with other content."""
        if self._random.random() < 0.5:
            return event
        changed = {**event, "time": event["time"] - self._random.randrange(5_000)}
        return changed | ({"duration_s": 3599} if topic == CALLS else {"action": event["action"]})

    def _spoilt(self, event: Fields) -> bytes | None:
        """No valid record, of several kinds."""
        name = self._random.choice([name for name in event if name not in ("id", "time", "source", "lead_id")])
        encoded = orjson.dumps(event)
        kinds = (
            None,
            encoded[:-3],
            b"[1, 2]",
            orjson.dumps({**event, "id": ""}),
            orjson.dumps({**event, "time": "yesterday"}),
            orjson.dumps({**event, "time": event["time"] + 50_000 * DAY}),
            orjson.dumps({**event, name: {"no": "value"}}),
            orjson.dumps({**event, name: None}),
        )
        return self._random.choice(kinds)

    def _event(self, time: int, **fields: Any) -> Fields:
        self._number += 1
        source = {"source": "other"} if self._number % 5 == 0 else {}
        return {"id": f"{self._number:x}", **source, "time": time, **fields}

    def _time(self) -> int:
        return self._options.begin + int(self._random.random() * self._options.span)

    def _calls(self, count: int) -> Iterator[Fields]:
        random = self._random
        for _ in range(count):
            yield self._event(
                self._time(),
                agent_id=f"a{int(random.random() ** 2 * 300)}",
                team=f"t{int(random.random() * 6)}",
                direction="out" if random.random() < 0.7 else "in",
                duration_s=min(3600, 5 * int(random.expovariate(1 / 36))),
            )

    def _tickets(self, count: int) -> Iterator[Fields]:
        random, end = self._random, self._options.begin + self._options.span
        for number in range(max(1, count // ENTITY_RECORDS)):
            time, team, last = self._time(), random.choice(("north", "south", "east")), "opened"
            for place in range(ENTITY_RECORDS):
                if place:
                    last = random.choice(("replied", "replied", "resolved", "reopened", "moved"))
                    team = random.choice(("north", "south", "east")) if last == "moved" else team
                yield self._event(time, ticket_id=f"T{number:x}", action=last, team=team)
                # Most are answered near their deadline; some are silent for so long that they start anew.
                time += int(random.expovariate(1 / (2 * MINUTE))) if random.random() < 0.97 else HOUR + 1
                if time >= end:
                    break

    def _leads(self, leads: Sequence[str], count: int) -> Iterator[Fields]:
        random, end = self._random, self._options.begin + self._options.span
        self._created = {}
        for lead in leads:
            self._created[lead] = time = self._time()
            yield self._event(time, lead_id=lead, action="created", region=random.choice(("east", "west")))
        for _ in range(count - len(leads)):
            lead = random.choice(leads)
            time = min(self._created[lead] + int(random.expovariate(1 / (15 * MINUTE))), end)
            yield self._event(time, lead_id=lead, action="contacted", region="east")

    def _deals(self, leads: Sequence[str], count: int) -> Iterator[Fields]:
        random, begin = self._random, self._options.begin
        for number in range(int(count / (1 + self._options.taken_back))):
            lead = random.choice(leads) if random.random() < 0.85 else None
            began = self._time() if lead is None else self._created[lead]
            time = min(began + int(random.expovariate(1 / (6 * MINUTE))) - MINUTE, begin + self._options.span)
            action = "won" if random.random() < 0.6 else "lost"
            event = self._event(
                max(time, begin),
                deal_id=f"D{number % (count // 2 + 1):x}",
                lead_id=lead,
                action=action,
                amount=random.randrange(1_000_000),
            )
            yield event
            if random.random() < self._options.taken_back:
                yield self._taken_back(event)

    def _taken_back(self, event: Fields) -> Fields:
        """A void or a correction, some of them later than is allowed."""
        random = self._random
        said = self._event(event["time"] + int(random.random() * 12 * MINUTE), **_without_envelope(event))
        said.pop("source", None)
        if "source" in event:
            said["source"] = event["source"]
        if random.random() < 0.5:
            return {**said, "voids": event["id"]}
        return {**said, "amount": random.randrange(1_000_000), "corrects": event["id"]}

    _created: dict[str, int]


def _without_envelope(event: Fields) -> Fields:
    return {name: value for name, value in event.items() if name not in ("id", "source", "time")}
