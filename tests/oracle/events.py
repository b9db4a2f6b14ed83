"""Records as the oracles see them, and which of a log are accepted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One record. The order of its first four fields is the order within a key.

    `said`: it voids or corrects another one, and comes after every record of its time. `key`: of the entity.
    """

    time: int
    said: bool
    source: str
    id: str
    key: tuple[str, ...]
    stream: str
    fields: Mapping[str, Any]
    corrects: str | None = None
    voids: str | None = None

    @property
    def order(self) -> tuple[int, bool, str, str]:
        """Its place among the records of its key."""
        return self[:4]


class Idle(NamedTuple):
    """A mark in the log of one stream that raises its watermark."""

    watermark: int
    stream: str


class Arrival(NamedTuple):
    """An accepted record, and the horizon right after it: nothing older can be accepted any more."""

    event: Event
    horizon: int


@dataclass(slots=True)
class _Read:
    watermark: int | None = None
    horizon: int | None = None


def arrivals(log: Iterable[Event | Idle], streams: Mapping[str, tuple[int, int]]) -> list[Arrival]:
    """The accepted records of a log, judged record by record, each stream by its own watermark.

    `streams`: (disorder, lateness) by name. A record repeats another one if it has its source and id. The horizon is
    the least over all streams, far in the past while one of them has not been heard of.
    """
    read = {stream: _Read() for stream in streams}
    seen: set[tuple[str, str, str]] = set()
    found: list[Arrival] = []
    for record in log:
        disorder, lateness = streams[record.stream]
        own = read[record.stream]
        claimed = record.watermark if isinstance(record, Idle) else record.time - disorder
        own.watermark = claimed if own.watermark is None else max(own.watermark, claimed)
        own.horizon = own.watermark - lateness
        if isinstance(record, Idle) or (record.stream, record.source, record.id) in seen:
            continue
        seen.add((record.stream, record.source, record.id))
        if record.time >= own.horizon:
            horizons = [other.horizon for other in read.values()]
            least = min((-(2**60) if horizon is None else horizon) for horizon in horizons)
            found.append(Arrival(record, least))
    return found


def by_key(events: Iterable[Event]) -> dict[tuple[str, ...], list[Event]]:
    """The events of each key, in their order."""
    found: dict[tuple[str, ...], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each[:4]):
        found[event.key].append(event)
    return found


def lives(events: Sequence[Event], forget_after: int) -> list[list[Event]]:
    """One key's events in order, cut wherever it was silent for longer than `forget_after`."""
    found: list[list[Event]] = []
    for event in events:
        if not found or event.time - found[-1][-1].time > forget_after:
            found.append([])
        found[-1].append(event)
    return found


def does(*actions: str) -> Callable[[Event], bool]:
    """Whether a record says one of these actions."""
    wanted = frozenset(actions)
    return lambda event: event.fields["action"] in wanted
