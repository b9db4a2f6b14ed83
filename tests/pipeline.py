"""From events to values in one process: the real tasks, the real view, the real answers; only Kafka is left out."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from aiokafka import TopicPartition

from kpi.planning import plan
from kpi.tasks.leaving import LateRecord, MovedRecord, RekeyedRecord
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from schemas.answers import Value
from schemas.kpis import Catalogue
from schemas.progress import FATES, TopicProgress
from schemas.times import parse_time
from schemas.topics import stream_topic
from schemas.wire import Progress, Record, decode, encode
from services.api.answers import Answers
from services.api.feed import Freshness
from services.api.questions import WindowRequest
from services.api.recording import Recording
from services.api.view import View
from services.runtime.catalogue import load

MEMORY = 256 << 20


def catalogue_of(folder: Path, text: str) -> Catalogue:
    """The catalogue of one file of declarations."""
    (folder / "catalogue.yaml").write_text(text)
    return load([folder], default=False)


class Pipeline:
    """A catalogue at work. `now` is the api's clock, epoch milliseconds. `late`: what came too late, in order."""

    def __init__(self, catalogue: Catalogue, now: str = "2026-12-31T00:00:00Z") -> None:
        self.plan = plan(catalogue)
        self.view = View.in_memory(self.plan, MEMORY)
        self.now = parse_time(now)
        self._recording = Recording(catalogue)
        self.answers = Answers(
            catalogue,
            self.plan,
            self.view,
            lambda: Freshness(True, 0, self.now, None),
            lambda: self.now,
            ledger=lambda: self._recording.ledger,
        )
        self._catalogue = catalogue
        self._tasks: dict[str, Task] = {}
        self._ends: dict[tuple[str, str], int] = {}
        self._progress: dict[str, Progress] = {}
        self.late: list[LateRecord] = []
        self._log: dict[bytes, bytes | None] = {}

    def restarted(self, catalogue: Catalogue) -> "Pipeline":
        """All services stopped, and started again with another catalogue: all that is left is the log."""
        other = Pipeline(catalogue)
        other.now, other._log, other._ends = self.now, dict(self._log), dict(self._ends)
        other._recording = self._recording
        other.view.apply([record for _, record in other.settled()], {})
        other.flush([other.task(name) for name in sorted({task for task, _ in other.settled()}) if other._runs(name)])
        return other

    def settled(self) -> list[tuple[str, Record]]:
        """The last record of each key in the log, with the task that it is of."""
        found = [decode(key, value) for key, value in self._log.items() if value is not None]
        return [(record.task.removesuffix("/history"), record) for record in found if record is not None]

    def _runs(self, task: str) -> bool:
        name, _, partition = task.rpartition("/")
        return name in self.plan.units and int(partition) < self.plan.units[name].partitions

    def task(self, name: str) -> Task:
        """A task, made when it is first asked for."""
        unit, _, partition = name.rpartition("/")
        if name not in self._tasks:
            self._tasks[name] = Task(self._catalogue, self.plan, self.plan.units[unit], int(partition), "one")
            self._tasks[name].restore([record for task, record in self.settled() if task == name])
        return self._tasks[name]

    def send(self, stream: str, *events: Mapping[str, Any], partition: int = 0, flush: bool = True) -> None:
        """Events of a stream in the order of their arrival; each is flushed before the next, unless told otherwise."""
        task, topic = self.task(f"{self.plan.owner(stream).name}/{partition}"), stream_topic(stream)
        for batch in [[event] for event in events] if flush else [events]:
            first = self._ends.get((topic, task.name), 0)
            bodies = [{"id": f"{stream}-{partition}-{first + place}", **event} for place, event in enumerate(batch)]
            self._take(task, topic, [orjson.dumps(body) for body in bodies])
            self.flush([task])

    def _record(self, topic: str, partition: int, first: int, values: list[bytes]) -> None:
        place = TopicPartition(topic, partition)
        if place in self._recording.partitions:
            for offset, value in enumerate(values, first):
                self._recording.feed(place, offset, value, self.now)
            self._recording.settle()

    def _take(self, task: Task, topic: str, values: list[bytes]) -> None:
        first = self._ends.get((topic, task.name), 0)
        self._record(topic, int(task.name.rpartition("/")[2]), first, values)
        self._ends[topic, task.name] = first + len(values)
        task.take(topic, RawBatch(values, np.arange(first, first + len(values)), [self.now] * len(values)))

    def idle(self, task: str, now: str) -> None:
        """All topics of a task were silent until `now`."""
        found = self.task(task)
        for topic in found.sources:
            found.advance_idle(topic, parse_time(now))
        self.flush([found])

    def flush(self, tasks: Iterable[Task]) -> None:
        """What the tasks have goes to the view, and what they re-key to the tasks that read it."""
        for task in tasks:
            flush = task.flush(self.now)
            if flush is not None:
                self.view.apply(flush.records, {})
                self._log |= dict(map(encode, flush.records))
                self._progress |= {record.task: record for record in flush.records if isinstance(record, Progress)}
                self.late += flush.late
                self._move(task, flush.moved)
                self._pass_on([*flush.rekeyed, *flush.marks])

    def _move(self, task: Task, records: list[MovedRecord]) -> None:
        """Records on the wrong partition go to the right one's log, and are read there."""
        for record in records:
            right = self.task(f"{task.name.rpartition('/')[0]}/{record.partition}")
            self._take(right, record.topic, [record.raw])
            self.flush([right])

    def _pass_on(self, records: list[RekeyedRecord]) -> None:
        waiting: dict[tuple[str, int], list[bytes]] = {}
        for record in records:
            waiting.setdefault((record.topic, record.partition), []).append(record.value)
        for (topic, partition), values in waiting.items():
            readers = [unit for unit in self.plan.units.values() if topic in unit.topics]
            for task in [self.task(f"{unit.name}/{partition}") for unit in readers]:
                self._take(task, topic, values)
                self.flush([task])

    def standing(self, task: str, stream: str) -> TopicProgress:
        """Where a task stands in a stream of its own, as its last progress record says."""
        return self._progress[task].topics[stream_topic(stream)]

    def fates(self, stream: str) -> dict[str, int]:
        """Where the records of a stream ended, over all partitions that have flushed; those that ended nowhere are left
        out. `consumed` is the number of all, `conflicting` of duplicates with another content.
        """
        unit, topic = self.plan.owner(stream).name, stream_topic(stream)
        found = [progress.topics[topic] for name, progress in self._progress.items() if name.rpartition("/")[0] == unit]
        totals = {fate: sum(each.fates[fate] for each in found) for fate in FATES}
        totals |= {"consumed": sum(each.position for each in found), "conflicting": sum(e.conflicting for e in found)}
        return {name: count for name, count in totals.items() if count}

    def values(self, kpi: str, window: str | None = None, at: str | None = None, **asked: Any) -> list[Value]:
        """Values as the api gives them. `by`, `complete`, `time_zone`, `include_open`; anything else is a dimension."""
        by = asked.pop("by", ())
        options = {name: asked.pop(name) for name in ("complete", "time_zone", "include_open") if name in asked}
        request = WindowRequest(window, at, **options)
        questions = self.answers.questions
        question = questions.question(questions.kpi(kpi), request, by, asked, self.now)
        return self.answers.values([question])

    def value(self, kpi: str, window: str | None = None, at: str | None = None, **asked: Any) -> Value:
        """The one value."""
        (found,) = self.values(kpi, window, at, **asked)
        return found
