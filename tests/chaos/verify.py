"""Compares what the service says with what follows from the logs, to the last unit."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi.plan import MeasureReading, Plan
from schemas.topics import dead_topic, late_topic
from schemas.wire import IdleMark, Rows
from services.runtime.kafka import KafkaConnection
from tests.chaos.batch import Accepted, Cells, all_cells
from tests.chaos.declared import HISTORY, JOINED, KEPT, PARTITIONS, TOPICS, home, stream_of
from tests.chaos.judging import Judge, Verdict
from tests.chaos.reading import Panes, read_log, read_origins, read_panes

SHOWN = 3
_SQUARE = 32


@dataclass(slots=True)
class Outcome:
    """What was found. `found`: by what was compared, the differences in words. `cells`: values that were compared;
    `wrong`: those that differ.
    """

    found: dict[str, list[str]] = field(default_factory=dict)
    records: int = 0
    cells: int = 0
    wrong: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether all is as it must be."""
        return not self.found

    @property
    def differences(self) -> list[str]:
        """In words, the first ones of each kind."""
        said = []
        for kind, words in self.found.items():
            said += words[:SHOWN]
            if len(words) > SHOWN:
                said.append(f"{kind}: {len(words) - SHOWN} more")
        return said

    def differs(self, kind: str, words: str) -> None:
        """Notes a difference."""
        self.found.setdefault(kind, []).append(words)

    def same(self, kind: str, where: str, got: object, want: object) -> None:
        """Notes it where they differ."""
        if got != want:
            self.differs(kind, f"{kind} {where}: {got}, not {want}")


@dataclass(slots=True)
class Truth:
    """What follows from the source topics and their backfills alone, by topic and partition."""

    verdicts: dict[str, list[Verdict]]
    records: int

    @property
    def accepted(self) -> tuple[Accepted, Accepted]:
        """The events that count: the live ones, and those of the backfills, whose keys are keys of their own."""
        live, history = (
            {topic: [verdict.accepted for verdict in self.verdicts[name]] for topic, name in names.items()}
            for names in ({topic: topic for topic in TOPICS}, HISTORY)
        )
        return live, history

    def joined(self, topic: str) -> list[dict[str, int]]:
        """The fates of the copies of a topic's records, by partition of what they are copied to."""
        found = [{"correction": 0, "aggregated": 0} for _ in range(PARTITIONS)]
        verdicts = (*self.verdicts[topic], *self.verdicts[HISTORY[topic]])
        for event in (event for verdict in verdicts for event in verdict.accepted):
            if event.fields.get("lead_id") is not None:
                found[home(event.fields["lead_id"])]["correction" if event.said else "aggregated"] += 1
        return found


def read_truth(kafka: KafkaConnection, marks: Sequence[IdleMark] = (), partitioner: str = "murmur2") -> Truth:
    """Reads every source topic and judges it record by record. `marks`: those that stand in the panes topic.
    `partitioner`: what the streams declare.
    """
    verdicts, records = {}, 0
    for topic, name, history in (
        *((topic, topic, False) for topic in TOPICS),
        *((topic, name, True) for topic, name in HISTORY.items()),
    ):
        logs = read_log(kafka, name, PARTITIONS)
        records += sum(map(len, logs))
        verdicts[name] = [
            Judge(topic, partition, history=history, partitioner=partitioner).judge(log, _marks(marks, name, partition))
            for partition, log in enumerate(logs)
        ]
    return Truth(verdicts, records)


def _marks(marks: Iterable[IdleMark], topic: str, partition: int) -> dict[int, int]:
    return {
        mark.offset: mark.watermark
        for mark in marks
        if mark.topic == topic and int(mark.task.rpartition("/")[2]) == partition
    }


def verify(kafka: KafkaConnection, plan: Plan, truth: Truth, sent: Mapping[str, int]) -> Outcome:
    """Reads the panes topic and all that leaves afresh, and compares. `sent`: confirmed records by topic."""
    began = time.monotonic()
    panes, outcome = read_panes(kafka), Outcome(records=truth.records)
    _check_logs(outcome, truth, sent)
    _check_books(outcome, panes, truth)
    _check_leaving(outcome, kafka, truth)
    _check_retention(outcome, panes)
    retained = {task: progress.retained for task, progress in panes.progress.items()}
    for measure, wanted in all_cells(truth.accepted, retained).items():
        _check_cells(outcome, measure, cells_of(panes, plan.readings[measure]), wanted)
    groups = {reading.group for reading in plan.readings.values()}
    outcome.same("rows", "of no measure", sum(rows.group not in groups for rows in panes.rows), 0)
    outcome.seconds = time.monotonic() - began
    return outcome


def _check_logs(outcome: Outcome, truth: Truth, sent: Mapping[str, int]) -> None:
    """Every record that lay on a wrong partition was moved once: nothing else was written to source topics."""
    for topic, verdicts in truth.verdicts.items():
        moved = sum(verdict.fates["rekeyed"] for verdict in verdicts)
        found = sum(sum(verdict.fates.values()) for verdict in verdicts)
        outcome.same("records", f"of {topic}, of which {moved} are moved", found, sent.get(topic, 0) + moved)


def _check_books(outcome: Outcome, panes: Panes, truth: Truth) -> None:
    standings = {
        (topic, int(task.rpartition("/")[2])): standing
        for task, progress in panes.progress.items()
        for topic, standing in progress.topics.items()
    }
    for topic, verdicts in truth.verdicts.items():
        for partition, verdict in enumerate(verdicts):
            for fate, count in verdict.fates.items():
                outcome.fates[fate] = outcome.fates.get(fate, 0) + count
            standing = standings.get((topic, partition))
            if standing is None:
                outcome.same("books", f"of {topic}/{partition}", any(verdict.fates.values()), False)
                continue
            outcome.same("fates", f"of {topic}/{partition}", standing.fates, verdict.fates)
            outcome.same("consumed", f"of {topic}/{partition}", standing.consumed, sum(verdict.fates.values()))
            outcome.same("watermark", f"of {topic}/{partition}", standing.watermark, verdict.watermark)
            outcome.same("conflicting", f"of {topic}/{partition}", standing.conflicting, verdict.conflicting)
    for topic, copied in JOINED.items():
        for partition, fates in enumerate(truth.joined(topic)):
            standing = standings.get((copied, partition))
            found = {} if standing is None else {fate: n for fate, n in standing.fates.items() if n}
            outcome.same("fates", f"of {copied}/{partition}", found, {fate: n for fate, n in fates.items() if n})


def _check_retention(outcome: Outcome, panes: Panes) -> None:
    """No pane goes before its time."""
    for task, progress in panes.progress.items():
        watermarks = [
            standing.watermark
            for topic, standing in progress.topics.items()
            if standing.watermark is not None and topic not in HISTORY.values()
        ]
        for grain, horizon in progress.retained.items():
            early = not watermarks or horizon > min(watermarks) - KEPT[grain]
            outcome.same("retention", f"of {grain} in {task} comes too early", early, False)


def _check_leaving(outcome: Outcome, kafka: KafkaConnection, truth: Truth) -> None:
    """What leaves for other topics leaves once."""
    for topic, history in HISTORY.items():
        for name, offsets_of in ((dead_topic, "dead"), (late_topic, "late")):
            wanted = sorted(
                (source, p, offset)
                for source in (topic, history)
                for p, verdict in enumerate(truth.verdicts[source])
                for offset in getattr(verdict, offsets_of)
            )
            target = name(stream_of(topic))
            found = read_origins(kafka, target)
            if found != wanted:
                missing, extra = len(set(wanted) - set(found)), len(set(found) - set(wanted))
                twice = len(found) - len(set(found))
                outcome.differs("leaving", f"{target}: {missing} missing, {extra} unexpected, {twice} twice")


def cells_of(panes: Panes, reading: MeasureReading) -> Cells:
    """The cells of a measure as they stand in the panes topic, named as `batch` names them."""
    found: Cells = {}
    for record in panes.rows:
        if record.group != reading.group:
            continue
        columns, start = record.columns, record.start if isinstance(record, Rows) else "base"
        keys: list[Sequence[Any]] = [record.dimensions[name] for name in sorted(record.dimensions)]
        if isinstance(record, Rows) and record.extra is not None:
            keys.append(record.extra)
        names = [name for name in (reading.count, reading.value) if name is not None]
        parts = [columns[name] for name in names]
        if reading.squares:
            high, low = (columns[name] for name in reading.squares)
            parts.append([((a or 0) << _SQUARE) + (b or 0) for a, b in zip(high, low, strict=True)])
        partition = int(record.task.rpartition("/")[2])
        for place in range(len(parts[0])):
            cell = tuple(part[place] or 0 for part in parts)
            # Of a sum that another measure of the group holds alone, there is nothing to say.
            if any(cell):
                found[partition, record.grain, start, *(key[place] for key in keys)] = cell
    return found


def _check_cells(outcome: Outcome, measure: tuple[str, str], got: Cells, want: Cells) -> None:
    outcome.cells += len(want)
    if got == want:
        return
    differing = sorted((key for key in {*got, *want} if got.get(key) != want.get(key)), key=repr)
    width = max(len(cell) for cell in (*got.values(), *want.values()))
    off = [sum(_at(got, key, n) - _at(want, key, n) for key in differing) for n in range(width)]
    far = [sum(abs(_at(got, key, n) - _at(want, key, n)) for key in differing) for n in range(width)]
    lines = [f"    {key}: {got.get(key)}, not {want.get(key)}" for key in differing[:SHOWN]]
    outcome.wrong += len(differing)
    outcome.differs(
        ".".join(measure),
        f"{'.'.join(measure)}: {len(differing)} of {len(want)} values differ, by {far} in all, {off} too many\n"
        + "\n".join(lines),
    )


def _at(cells: Cells, key: tuple[Any, ...], place: int) -> int:
    cell = cells.get(key, ())
    return cell[place] if place < len(cell) else 0
