"""A rebuild of tasks in memory: what a process of its own would write beside them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.source import RawBatch
from kpi.tasks.task import Task
from schemas.wire import decode, encode
from services.aggregator.rebuilding.building import Built
from services.aggregator.rebuilding.outcome import Rebuild, Standing, outcome
from services.aggregator.rebuilding.replaying import Extents, Replay
from services.aggregator.rebuilding.selection import Selection, select, widened
from services.aggregator.rebuilding.task_log import TaskLog
from tests.property.core.network import Member, Network


class Topics:
    """The topics of one task, in turn, so many records at a time."""

    def __init__(self, network: Network, member: Member, size: int) -> None:
        self._network, self._partition, self._size = network, member.partition, size
        self._next = dict.fromkeys(member.task.sources, 0)

    async def begin(self, moment: int | None, positions: Mapping[str, int]) -> Extents:
        assert moment is None
        logs = {topic: self._network.logs.get((topic, self._partition), []) for topic in positions}
        return {topic: (0, len(logs.get(topic, []))) for topic in self._next}

    async def next(self, stops: Mapping[str, int]) -> tuple[str, RawBatch] | None:
        behind = [topic for topic, place in self._next.items() if place < stops.get(topic, 0)]
        if not behind:
            return None
        topic = min(behind, key=lambda name: self._next[name] / stops[name])
        first = self._next[topic]
        self._next[topic] = min(first + self._size, stops[topic])
        return topic, self._network.batch((topic, self._partition), first, self._next[topic])


def selected(network: Network, kpis: list[str]) -> list[Selection]:
    """What a rebuild of these KPIs takes on, by what the tasks say that they cover."""
    found = []
    for selection in select(network.catalogue, network.plan, kpis):
        logs = [log_of(member) for member in network.members if member.unit == selection.unit.name]
        covered = [log.coverage.since for log in logs if log.coverage is not None]
        found.append(widened(network.plan, selection, covered))
    return found


def log_of(member: Member) -> TaskLog:
    """What the log says of a task."""
    log = TaskLog(CommittedFlushes(transactional=False))
    for key, value in member.written:
        record = decode(key, value)
        if record is not None:
            log.feed(record)
    return log


async def rebuild(network: Network, selection: Selection, size: int, flushing: Callable[[], bool]) -> None:
    """Rebuilds the unit's tasks, `size` records at a time, flushing whenever that says so; the tasks begin anew."""
    for member in network.members:
        if member.unit != selection.unit.name:
            continue
        log = log_of(member)
        if log.progress is None:
            continue
        task = Task(network.catalogue, network.plan, selection.unit, member.partition, "rebuilt")
        built = Built(selection.groups)
        replay = Replay(task, built, Topics(network, member, size), None)
        stops = {topic: told.position for topic, told in log.progress.topics.items()}
        await replay.begin(stops)
        while replay.remaining(stops):
            part = {topic: min(stop, task.sources[topic].position + size) for topic, stop in stops.items()}
            await replay.run(part, log.marks, 0, lambda _: None)
            if flushing():
                replay.flush(0)
        await replay.run(stops, log.marks, 0, lambda _: None)
        replay.flush(0, whole=selection.whole or bool(selection.stores))
        name = f"rebuilt{member.incarnation}"
        plan = Rebuild(network.plan, selection, name, 1, compacts=False)
        standing = Standing(member.task.name, replay.missing(), task.watermark, task.entity_count, task.coverage)
        _, records = outcome(plan, standing, log, built, 0)
        claim = replace(log.claim, incarnation=name) if log.claim is not None else None
        assert claim is not None
        member.written += [encode(record, tombstones=False) for record in (claim, *records)]
        member.start()
