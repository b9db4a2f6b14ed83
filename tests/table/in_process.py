"""The real tasks, view and answers in one process: the same lines in seconds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.times import to_datetime
from tests.pipeline import Pipeline, catalogue_of
from tests.table.business.events import Event
from tests.table.oracle.calendar import Asked
from tests.table.playing import declarations
from tests.table.silence import partition_of, silence


class InProcess:
    """An installation without Kafka and without HTTP. `at_once`: how many events it takes before it writes."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self._catalogue, self._at_once = catalogue_of(folder, declarations()), at_once
        self.pipeline = Pipeline(self._catalogue)
        # A task that is made later reads the whole log.
        for unit in self.pipeline.plan.units.values():
            for partition in range(unit.partitions):
                self.pipeline.task(f"{unit.name}/{partition}")

    def tell(self, events: Sequence[Event]) -> None:
        for first in range(0, len(events), self._at_once):
            batches: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
            for stream, body in events[first : first + self._at_once]:
                declared = self._catalogue.streams[stream]
                place = partition_of(body[declared.key or ""], declared.partitions)
                batches.setdefault((stream, place), []).append(body)
            for (stream, partition), bodies in batches.items():
                self.pipeline.send(stream, *bodies, partition=partition, flush=False)

    def be_silent_until(self, time: int) -> None:
        self.tell([event for stream in self._catalogue.streams.values() for event in silence(stream, time)])

    def now(self) -> int:
        return self.pipeline.now

    def ask(self, kpi: str, asked: Asked, by: str | None) -> list[Mapping[str, Any]]:
        at = to_datetime(asked.at).isoformat()
        wanted = {"by": (by,)} if by else {}
        values = self.pipeline.values(kpi, asked.window, at, time_zone=asked.zone, **wanted, **asked.where)
        return [value.model_dump(mode="json") for value in values]
