"""A body as vectors: the store of its entities, the reduction of what it contributes, and forgetting."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from benchmarks.core.bodies import Body
from benchmarks.core.declared import EVENTS, groups_of
from benchmarks.core.loads import SOURCE, Batch, Log
from kpi.entities.events import EventStore
from kpi.entities.store import EntityStore
from kpi.panes.reduction import Reducer

BATCHES_A_FLUSH = 5
Frames = Mapping[str, pl.DataFrame]


class Vectors:
    """One task's entities of a body."""

    def __init__(self, body: Body) -> None:
        catalogue = body.catalogue
        self._events = body.name == "events"
        self.store: EntityStore | EventStore
        if self._events:
            self.store = EventStore("task", catalogue.streams[EVENTS], ("team",))
            names = {"events": EVENTS}
        else:
            entity = catalogue.entities[body.name]
            streams = {name: catalogue.streams[name] for name in body.streams}
            self.store = EntityStore("task", entity, streams, catalogue.targets, definition="1")
            names = {name: f"{body.name}.{name}" for name in entity.contributions}
        self._reducers = {
            name: [Reducer(group, signed=True) for group in groups_of(source)] for name, source in names.items()
        }

    def take(self, batch: Batch) -> list[Frames]:
        """Applies a batch and reduces what it changes; the differences, stream by stream."""
        found: list[Frames] = []
        for stream, accepted in batch:
            if isinstance(self.store, EventStore):
                frames: Frames = {"events": self.store.apply(accepted)}
            else:
                frames = self.store.apply(stream, accepted).contributions
            for name, contributions in frames.items():
                for reducer in self._reducers[name]:
                    reducer.reduce(contributions)
            found.append(frames)
        return found


@dataclass(slots=True)
class Cost:
    """CPU seconds of taking records, and of flushes' entity rows; what was held when most was held."""

    events: int = 0
    contributions: int = 0
    seconds: float = 0.0
    writing: float = 0.0
    entities: int = 0
    nbytes: float = 0.0
    kept: list[Frames] = field(default_factory=list)

    @property
    def microseconds(self) -> float:
        """CPU microseconds an event."""
        return self.seconds / self.events * 1e6

    @property
    def bytes_an_entity(self) -> float:
        """Bytes an entity, when most were held."""
        return self.nbytes / max(self.entities, 1)


def run(vectors: Vectors, log: Log, *, keep: int = 0, first: int = 0) -> Cost:
    """Takes the batches from `first` on, forgetting after every fifth; the differences of the first `keep` are kept."""
    cost = Cost()
    text = sys.getsizeof(f"{SOURCE}\0e00000000")
    for number, batch in enumerate(log.batches[first:], first + 1):
        flushes = number % BATCHES_A_FLUSH == 0
        started = time.process_time()
        frames = vectors.take(batch)
        if flushes:
            vectors.store.forget(log.horizon(number))
        done = time.process_time()
        if flushes:
            vectors.store.flush("i", number)
        cost.writing += time.process_time() - done
        cost.seconds += done - started
        cost.events += sum(accepted.height for _, accepted in batch)
        cost.contributions += sum(frame.height for each in frames for frame in each.values())
        if number <= keep:
            cost.kept += frames
        if flushes and len(vectors.store) >= cost.entities:
            # A record that can still be out of order has its source and id as text, which nbytes leaves out.
            cost.entities = len(vectors.store)
            cost.nbytes = vectors.store.nbytes + text * log.waiting(number)
    return cost
