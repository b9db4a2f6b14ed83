"""What must become of each record of a source partition, one by one, in plain Python. Shares no code with the core."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from tests.chaos.declared import CALLS, CORRECTIONS, DEALS, DISORDER, KEYS, LATENESS, LEADS, OWNED_BY_KEY, TICKETS, home
from tests.oracle.events import Event

FATES = ("invalid", "rekeyed", "duplicate", "late", "correction", "aggregated")
COUNTING = frozenset({"aggregated", "correction"})
AHEAD = 600_000
NO_LIMIT = 2**62

Fields = dict[str, Any]
Check = Callable[[Any], bool]


class Logged(NamedTuple):
    """A record as the log holds it. `appended`: epoch milliseconds."""

    offset: int
    appended: int
    value: bytes | None


def _text(value: Any) -> bool:
    return type(value) is str and value != ""


def _one_of(*known: str) -> Check:
    return lambda value: type(value) is str and value in known


def _between(low: int, high: int) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _perhaps(check: Check) -> Check:
    return lambda value: value is None or check(value)


_TEAMS = _one_of("north", "south", "east")
_CHECKS: Mapping[str, tuple[tuple[str, Check], ...]] = {
    CALLS: (
        ("agent_id", _text),
        ("team", _text),
        ("direction", _one_of("in", "out")),
        ("duration_s", _between(0, 3600)),
    ),
    TICKETS: (
        ("ticket_id", _text),
        ("action", _one_of("opened", "replied", "moved", "resolved", "reopened")),
        ("team", _TEAMS),
    ),
    LEADS: (
        ("lead_id", _text),
        ("action", _one_of("created", "contacted")),
        ("region", _one_of("east", "west")),
    ),
    DEALS: (
        ("deal_id", _text),
        ("lead_id", _perhaps(_text)),
        ("action", _one_of("won", "lost")),
        ("amount", _between(0, 1_000_000)),
    ),
}
_ENVELOPE: tuple[tuple[str, Check], ...] = (
    ("id", _text),
    ("time", _between(0, 2**62)),
    ("source", lambda value: value is None or type(value) is str),
    ("corrects", _perhaps(_text)),
    ("voids", _perhaps(_text)),
)
_MEMBERS = {topic: (*_ENVELOPE, *checks) for topic, checks in _CHECKS.items()}


def read(topic: str, record: Logged) -> Event | None:
    """What a record says; None where it is not valid. The event has no key yet."""
    try:
        said = orjson.loads(record.value or b"")
    except orjson.JSONDecodeError:
        return None
    if type(said) is not dict:
        return None
    get = said.get
    for name, holds in _MEMBERS[topic]:
        if not holds(get(name)):
            return None
    corrects, voids = get("corrects"), get("voids")
    if said["time"] > record.appended + AHEAD or (topic not in CORRECTIONS and (corrects or voids)):
        return None
    return Event(
        said["time"], bool(corrects or voids), get("source") or "", said["id"], (), topic, said, corrects, voids
    )


@dataclass(slots=True)
class Verdict:
    """The outcome of one partition's log. `late` and `dead`: offsets. `accepted`: in the order of the log."""

    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    accepted: list[Event] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    watermark: int | None = None
    conflicting: int = 0


class Judge:
    """Reads one partition. `history`: of a backfill, nothing is too late. `partitioner`: what the streams declare."""

    def __init__(self, topic: str, partition: int, *, history: bool = False, partitioner: str = "murmur2") -> None:
        self.verdict = Verdict()
        self._topic, self._partition = topic, partition
        self._disorder = DISORDER[topic]
        self._lateness = NO_LIMIT if history else LATENESS[topic]
        self._corrections = CORRECTIONS.get(topic, 0)
        self._key = KEYS[topic] if topic in OWNED_BY_KEY else None
        self._partitioner = partitioner
        self._known: dict[tuple[str, str], Fields] = {}
        self._times: dict[tuple[str, str], int] = {}

    def judge(self, log: Sequence[Logged], marks: Mapping[int, int]) -> Verdict:
        """Judges a whole log. `marks`: by offset, the watermark that silence brought before that record."""
        verdict, topic = self.verdict, self._topic
        fates = verdict.fates
        waiting = sorted(marks.items(), reverse=True)
        for record in log:
            while waiting and waiting[-1][0] <= record.offset:
                self._reach(waiting.pop()[1])
            event = read(topic, record)
            fate = "invalid" if event is None else self._fate(event)
            fates[fate] += 1
            if event is not None and fate in COUNTING:
                verdict.accepted.append(event)
            elif fate == "late":
                verdict.late.append(record.offset)
            elif fate == "invalid":
                verdict.dead.append(record.offset)
        for _, watermark in waiting:
            self._reach(watermark)
        return verdict

    def _reach(self, watermark: int) -> None:
        if self.verdict.watermark is None or watermark > self.verdict.watermark:
            self.verdict.watermark = watermark

    def _fate(self, event: Event) -> str:
        if self._key is not None and home(event.fields[self._key], self._partitioner) != self._partition:
            return "rekeyed"
        self._reach(event.time - self._disorder)
        identity = event.source, event.id
        known = self._known.get(identity)
        if known is not None:
            self.verdict.conflicting += known != event.fields
            return "duplicate"
        assert self.verdict.watermark is not None
        horizon = self.verdict.watermark - self._lateness
        named = event.corrects or event.voids
        heard = named is None or self._is_heard(event.time, (event.source, named), horizon)
        self._known[identity] = dict(event.fields)
        if event.time < horizon or not heard:
            return "late"
        if named is not None:
            return "correction"
        self._times[identity] = event.time
        return "aggregated"

    def _is_heard(self, time: int, target: tuple[str, str], horizon: int) -> bool:
        """What it names is at most the corrections horizon older, and not past it; or has never been seen."""
        told = self._times.get(target)
        if told is None or told + self._corrections < horizon:
            return target not in self._known
        return told <= time <= told + self._corrections
