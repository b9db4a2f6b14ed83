"""One unit: built anew beside the workers, followed until it is close to them, and switched over."""

import time
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass

from kpi.tasks.source import RekeyedSource
from kpi.tasks.task import Flush, Task
from schemas.wire import COPIES
from services.aggregator.rebuilding.building import Built
from services.aggregator.rebuilding.following import Following
from services.aggregator.rebuilding.outcome import Rebuild, Standing, outcome
from services.aggregator.rebuilding.panes_log import PanesLog
from services.aggregator.rebuilding.reading import RawRecords
from services.aggregator.rebuilding.refusals import RebuildLost, RebuildRefused
from services.aggregator.rebuilding.replaying import Replay
from services.aggregator.rebuilding.selection import Selection, check_partial, command, lives, widened
from services.aggregator.rebuilding.switching import Switch
from services.aggregator.rebuilding.watching import Done, Watcher
from services.aggregator.take_over import Definitions
from services.aggregator.writing import WriterFactory
from services.runtime.clock import Clock
from services.runtime.kafka import KafkaConnection
from services.runtime.topic_ids import found_topics

BEGIN_ANEW = (
    "begin anew with all that the topics hold: stop everything, delete the topics kpi.panes.v1 and *.by.*, and run "
    "`kpi topics`"
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rebuilds are wired with. `clock`: epoch milliseconds."""

    kafka: KafkaConnection
    definitions: Definitions
    writers: WriterFactory
    clock: Clock
    watcher: Watcher


class UnitRebuild:
    """Rebuilds what is selected of one unit. `moment`: append time from which on is read (epoch milliseconds)."""

    def __init__(self, surroundings: Surroundings, selection: Selection, moment: int | None) -> None:
        self._around, self._selection, self._moment = surroundings, selection, moment
        self._plan = surroundings.definitions.plan
        self._incarnation = uuid.uuid4().hex[:12]
        self._tasks = {f"{selection.unit.name}/{number}": number for number in range(selection.unit.partitions)}

    async def run(self) -> Done | None:
        """Does it; None where the unit has counted nothing. Raises as `rebuild` does."""
        began, around, unit = time.perf_counter(), self._around, self._selection.unit
        groups = self._selection.groups | lives(self._plan, self._selection)
        async with AsyncExitStack() as stack:
            broker = around.writers.broker
            panes = await stack.enter_async_context(PanesLog(around.kafka, broker, self._tasks, groups))
            await panes.catch_up()
            if not any(log.progress is not None for log in panes.tasks.values()):
                return None
            self._check(panes)
            await self._check_copies(stack)
            topics = await found_topics(around.kafka) or {}
            ids = {topic: found.topic_id for topic, found in topics.items() if topic in unit.topics}
            following = Following(panes, ids, around.clock, around.watcher)
            for name, partition in self._tasks.items():
                records = await stack.enter_async_context(RawRecords(around.kafka, unit.topics, partition))
                task = Task(around.definitions.catalogue, self._plan, unit, partition, self._incarnation)
                await following.add(name, Replay(task, Built(self._selection.groups), records, self._moment))
                self._check_beginning(name, following)
            around.watcher.begin(unit.name, following.remaining())
            await following.come_close()
            written, pause = await self._switch(following)
        replays = following.replays.values()
        since = max((missing for replay in replays if (missing := replay.missing()) is not None), default=None)
        read = sum(replay.read for replay in replays)
        done = Done(unit.name, len(written), read, sum(written.values()), time.perf_counter() - began, pause, since)
        around.watcher.end(done)
        return done

    def _check(self, panes: PanesLog) -> None:
        """Raises RebuildRefused where another rebuild is switching, or the workers count something else."""
        now, unit = self._around.clock(), self._selection.unit
        for name, log in panes.tasks.items():
            if log.claim is not None and log.claim.until > now:
                seconds = (log.claim.until - now) / 1000
                raise RebuildRefused(
                    f"another rebuild of {name} is under way: wait until it has ended, {seconds:.0f} s at most"
                )
            said = log.coverage
            if said is not None and said.catalogue != self._plan.catalogue:
                raise RebuildRefused(
                    f"{name} was counted by another catalogue last: give this command the --catalogue and --pack of "
                    "the workers, or start the workers with the new declarations first"
                )
            if said is not None and said.partitions != unit.partitions and unit.entity is not None:
                raise RebuildRefused(
                    f"{unit.name} was counted on {said.partitions} partitions, and {unit.partitions} are declared: "
                    "what the topics hold lies where its keys were then. Declare as many as before"
                )
        covered = [log.coverage.since for log in panes.tasks.values() if log.coverage is not None]
        self._selection = widened(self._plan, self._selection, covered)

    async def _check_copies(self, stack: AsyncExitStack) -> None:
        """Raises RebuildRefused where a topic that the unit reads has copies since some time only."""
        for read in self._selection.unit.reads:
            owner = self._plan.owner(read.stream)
            tasks = {f"{owner.name}/{number}": number for number in range(owner.partitions)}
            broker = self._around.writers.broker
            panes = await stack.enter_async_context(PanesLog(self._around.kafka, broker, tasks, ()))
            await panes.catch_up()
            said = [log.coverage for log in panes.tasks.values() if log.coverage is not None]
            if any(each.since.get(read.topic, {}).get(COPIES) is not None for each in said):
                raise RebuildRefused(
                    f"{read.topic} holds what came since {self._selection.unit.name} was declared, and nothing of "
                    f"{read.stream} before. To count the past, {BEGIN_ANEW}"
                )

    def _check_beginning(self, name: str, following: Following) -> None:
        replay, anew, copied = following.replays[name], following.anew[name], self._selection.unit.writes
        for topic in sorted(anew):
            source = replay.task.sources[topic]
            # Copies are told apart by the offsets of their origin, and those of another log would pass for repeats.
            if isinstance(source, RekeyedSource) or source.stream.stream in {each.stream for each in copied}:
                raise RebuildRefused(
                    f"topic {topic} was made anew, and joins read copies of the former records. To count what there is "
                    f"now, {BEGIN_ANEW}"
                )
        if following.panes.tasks[name].progress is None or self._selection.whole:
            return
        if anew:
            raise RebuildRefused(
                f"topic {min(anew)} was made anew, and what was counted is of the former one: rebuild all that "
                f"{self._selection.unit.name} counts: {command(self._plan, self._selection.unit)}"
            )
        topic, first = max(replay.starts.items(), key=lambda start: start[1])
        if first > 0:
            check_partial(
                self._plan, self._selection, f"{topic} partition {self._tasks[name]} is read from offset {first} on"
            )

    async def _switch(self, following: Following) -> tuple[dict[str, int], float]:
        """How many records were written, by task; and for how many seconds the workers were shut out."""
        around, panes = self._around, following.panes
        around.watcher.switch()
        began = time.perf_counter()
        switch = Switch(around.writers, self._tasks, self._incarnation, around.clock)
        try:
            await panes.read_claims(await switch.claim())
            await following.read()
            flushes = self._flushes(following)
            await switch.renew()
            await switch.write(flushes)
        finally:
            await switch.close()
        pause = time.perf_counter() - began
        await panes.catch_up()
        for name in flushes:
            if panes.tasks[name].rebuilt != self._incarnation:
                raise RebuildLost(f"a worker took {name} over during the switch: run the same command again")
        return {name: len(flush.records) for name, flush in flushes.items()}, pause

    def _flushes(self, following: Following) -> dict[str, Flush]:
        logs = {name: log for name, log in following.panes.tasks.items() if log.progress is not None}
        broker = self._around.writers.broker
        rebuild = Rebuild(self._plan, self._selection, self._incarnation, len(logs), compacts=broker.transactions)
        found = {}
        for name, log in logs.items():
            replay, now = following.replays[name], self._around.clock()
            replay.flush(now, whole=self._selection.whole or bool(self._selection.stores))
            task, left, anew = replay.task, replay.built.leaving, following.anew[name]
            standing = Standing(
                name,
                replay.missing(),
                task.watermark,
                task.entity_count,
                task.coverage,
                anew,
                following.ids,
            )
            number, records = outcome(rebuild, standing, log, replay.built, now)
            found[name] = Flush(
                number,
                records,
                [dead for flush in left for dead in flush.dead if dead.topic in anew],
                [late for flush in left for late in flush.late if late.topic in anew],
                [moved for flush in left for moved in flush.moved if moved.topic in anew],
                # What is copied for joins is never of a topic that was made anew.
                [],
                [],
            )
        return found
