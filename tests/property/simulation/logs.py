"""Random source logs, all from one generator: what the partitions hold, in the order of their offsets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from tests.oracle.events import Event
from tests.property.simulation.declared import (
    ABANDONED_AFTER,
    DAY,
    DEALS,
    DISORDER,
    FORGET_AFTER,
    LATENESS,
    LEADS,
    MINUTE,
    PARTITIONS,
    PLACES,
    Place,
    partition_of,
)

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z
RECORDS = (200, 250)
KEYS = ("a", "b", "c", "d", "e")
ADVANCES = (0, 0, 1, 500, 2_000, 5_000, 20_000, 60_000, 150_000)
JUMPS = (FORGET_AFTER, FORGET_AFTER + 1, 3 * 60 * MINUTE, DAY, 2 * DAY, ABANDONED_AFTER, 5 * DAY, 70 * DAY)
TEMPOS = (1, 10, 50)
"""By how much records come closer together: few or many of them lie within what a partition still takes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record of a log: its value, and when it was appended (epoch milliseconds)."""

    value: bytes | None
    appended: int


@dataclass(slots=True)
class SourceLogs:
    """The partitions' records, and what each value says: None where it is no valid record."""

    logs: dict[Place, list[Stored]] = field(default_factory=lambda: {place: [] for place in PLACES})
    said: dict[bytes | None, Event | None] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many there are."""
        return sum(len(log) for log in self.logs.values())


class Drawing:
    """Draws the logs: their times go ahead side by side, with disorder within and beyond what is allowed."""

    def __init__(self, random: Random, corrections: int) -> None:
        self._random, self._corrections, self._out = random, corrections, SourceLogs()
        self._now = T0 + random.randrange(DAY)
        self._highest = dict.fromkeys(PLACES, self._now)
        self._number = {LEADS: 0, DEALS: 0}
        self._plain: list[tuple[Place, Event]] = []
        self._valid: list[tuple[Place, Event]] = []
        self._kinds: tuple[tuple[float, Callable[[], None]], ...] = (
            (0.40, self._lead),
            (0.70, self._deal),
            (0.84, self._correction),
            (0.92, self._again),
            (0.96, self._conflicting),
            (1.00, self._invalid),
        )

    def draw(self) -> SourceLogs:
        """All logs."""
        random = self._random
        jumping, tempo = random.choice((0.0, 0.01, 0.04)), random.choice(TEMPOS)
        wanted = random.randint(*RECORDS)
        while self._out.records < wanted:
            self._now += random.choice(JUMPS) if random.random() < jumping else random.choice(ADVANCES) // tempo
            chosen = random.random()
            next(draw for limit, draw in self._kinds if chosen < limit)()
        return self._out

    def _time(self, place: Place) -> int:
        """Now, or at an edge of what its partition still takes."""
        random, topic = self._random, place[0]
        if random.random() < 0.6:
            return self._now
        allowed = DISORDER[topic] + LATENESS[topic]
        behind = random.choice((0, 1, DISORDER[topic], allowed // 2, allowed - 1, allowed, allowed + 1, 2 * allowed))
        return self._highest[place] - behind

    def _identity(self, topic: str) -> tuple[str, str]:
        """A source, and an id that it has not used in this stream; in the other one it may have."""
        self._number[topic] += 1
        return self._random.choice(("", "", "", "x")), _name(self._number[topic])

    def _put(self, place: Place, event: Event) -> None:
        body: dict[str, Any] = {"id": event.id, "time": event.time, **event.fields}
        if event.source:
            body["source"] = event.source
        if event.corrects:
            body["corrects"] = event.corrects
        if event.voids:
            body["voids"] = event.voids
        self._highest[place] = max(self._highest[place], event.time)
        self._valid.append((place, event))
        self._append(place, orjson.dumps(body), event)

    def _append(self, place: Place, raw: bytes | None, event: Event | None) -> None:
        self._out.logs[place].append(Stored(raw, self._now))
        self._out.said[raw] = event

    def _lead(self) -> None:
        random, key = self._random, self._random.choice(KEYS)
        right = partition_of(key)
        place = LEADS, (right if random.random() < 0.95 else (right + 1) % PARTITIONS)
        source, name = self._identity(LEADS)
        fields = {
            "lead_id": key,
            "action": random.choice(("created", "created", "closed", "note")),
            "region": random.choice(("east", "west")),
        }
        self._say(place, Event(self._time(place), False, source, name, (key,), "shop.lead", fields))

    def _deal(self) -> None:
        random, key = self._random, self._random.choice((*KEYS, None))
        place = DEALS, random.randrange(PARTITIONS)
        source, name = self._identity(DEALS)
        self._say(place, self._about(Event(self._time(place), False, source, name, _key(key), "shop.deal", {}), key))

    def _about(self, deal: Event, key: str | None) -> Event:
        random = self._random
        fields = {
            "deal_id": f"d{random.randrange(9)}",
            "lead_id": key,
            "action": random.choice(("won", "lost")),
            "amount": random.randint(-40, 100),
        }
        return deal._replace(fields=fields)

    def _say(self, place: Place, event: Event) -> None:
        self._plain.append((place, event))
        self._put(place, event)

    def _correction(self) -> None:
        """Corrects or voids a deal: an early one or a late one, heard or not, known or not yet, by the right source."""
        random = self._random
        deals = [(place, event) for place, event in self._plain if place[0] == DEALS][-random.choice((3, 12, 60)) :]
        if not deals:
            return
        place, target = random.choice(deals)
        source, name = self._identity(DEALS)
        if random.random() < 0.9:
            source = target.source
        if random.random() < 0.05:
            place = DEALS, (place[1] + 1) % PARTITIONS
        edges = (0, 1, self._corrections - 1, self._corrections, self._corrections + 1)
        time = self._time(place) if random.random() < 0.85 else target.time + random.choice(edges)
        time = min(time, self._now)
        key = target.key[0] if target.key else None
        corrects, voids = random.choice(((self._named(target), None), (None, self._named(target))))
        word = Event(time, True, source, name, target.key, "shop.deal", {}, corrects, voids)
        self._put(place, self._about(word, key))

    def _named(self, target: Event) -> str:
        """The id of a deal, or the one that the next deal but some will have."""
        if self._random.random() < 0.93:
            return target.id
        return _name(self._number[DEALS] + self._random.randint(1, 9))

    def _again(self) -> None:
        if self._valid:
            place, event = self._random.choice(self._valid[-self._random.choice((1, 20, 200)) :])
            self._put(place, event)

    def _conflicting(self) -> None:
        """The id of another record with another content, but of the same key."""
        if not self._plain:
            return
        place, event = self._random.choice(self._plain[-40:])
        fields = dict(event.fields)
        fields["action"] = "closed" if place[0] == LEADS else "won"
        self._put(place, event._replace(time=event.time + self._random.choice((0, 1)), fields=fields))

    def _invalid(self) -> None:
        place = self._random.choice(PLACES)
        body = {"id": "bad", "time": self._now, "lead_id": "a", "deal_id": "d", "action": "none", "region": "east"}
        contradictory = {"id": "two", "time": self._now, "deal_id": "d", "action": "won", "amount": 1, "lead_id": "a"}
        raw = self._random.choice(
            (
                None,
                b"\xff",
                orjson.dumps(body),
                orjson.dumps({"id": "when", "time": "now"}),
                orjson.dumps({**contradictory, "region": "east", "voids": "001", "corrects": "002"}),
            )
        )
        self._append(place, raw, None)


def _name(number: int) -> str:
    """Ids whose order is not that of their arrival."""
    return f"{number * 7919 % 1000:03}"


def _key(lead: str | None) -> tuple[str, ...]:
    return () if lead is None else (lead,)
