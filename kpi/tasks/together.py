"""Flushes that readers take over at once, although each task writes its own: the end of a rebuild."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.wire import Progress, Record

WAIT_MS = 30_000
Place = tuple[int, int]
"""A partition of the panes topic, and an offset."""


@dataclass(frozen=True, slots=True)
class Whole:
    """One flush that counts, its progress last, and where its first record stands."""

    records: list[Record]
    place: Place

    @property
    def rebuild(self) -> tuple[str, int] | None:
        """The rebuild that it ends, and how many tasks end it."""
        last = self.records[-1]
        return last.together if isinstance(last, Progress) else None


@dataclass(slots=True)
class _Arrived:
    """How many flushes of a rebuild are here, and when the last was appended (epoch milliseconds)."""

    tasks: set[str] = field(default_factory=set)
    appended: int = 0


class Together:
    """Holds back what ends a rebuild, and what the same tasks wrote after it, until all of its tasks have come."""

    def __init__(self) -> None:
        self._held: dict[str, list[Whole]] = {}
        self._arrived: dict[str, _Arrived] = {}

    def places(self) -> Iterator[Place]:
        """Where what is held back begins, for each task."""
        return (held[0].place for held in self._held.values())

    def feed(self, flush: Whole, appended: int) -> list[Record]:
        """The next flush of a task: what counts now. `appended`: epoch milliseconds."""
        task, rebuild = flush.records[-1].task, flush.rebuild
        if rebuild is None:
            if task not in self._held:
                return flush.records
            self._held[task].append(flush)
            return []
        name, count = rebuild
        self._held.setdefault(task, []).append(flush)
        arrived = self._arrived.setdefault(name, _Arrived())
        arrived.tasks.add(task)
        arrived.appended = max(arrived.appended, appended)
        return self._released([name]) if len(arrived.tasks) >= count else []

    def expire(self, heard: int) -> tuple[list[str], list[Record]]:
        """Gives up waiting for flushes that would have been here by now: of which rebuilds, and what counts now.

        `heard`: everything that was appended before that (epoch milliseconds) is known.
        """
        late = [name for name, arrived in self._arrived.items() if arrived.appended + WAIT_MS <= heard]
        return late, self._released(late)

    def _released(self, names: list[str]) -> list[Record]:
        """All that these rebuilds held back. Before it, for each task, what came before."""
        found: list[Record] = []
        for name in names:
            for task in self._arrived.pop(name).tasks:
                found += self._taken(task, name)
        return found

    def _taken(self, task: str, name: str) -> list[Record]:
        held = self._held.get(task, [])
        ends = [flush.rebuild and flush.rebuild[0] for flush in held]
        stop = ends.index(name) + 1 if name in ends else 0
        while stop < len(held) and (ends[stop] is None or ends[stop] not in self._arrived):
            stop += 1
        taken, left = held[:stop], held[stop:]
        if left:
            self._held[task] = left
        else:
            self._held.pop(task, None)
        return [record for flush in taken for record in flush.records]
