"""What takes the place of what a task had written: the records of the one flush that ends a rebuild."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kpi.plan import Plan
from kpi.tasks.coverage import Covered
from schemas.entities import NEVER
from schemas.wire import Base, Coverage, EntityBlock, IdleMark, Progress, Record
from services.aggregator.rebuilding.building import Built, block_key
from services.aggregator.rebuilding.restating import panes
from services.aggregator.rebuilding.selection import ENTITIES, Selection, is_level
from services.aggregator.rebuilding.task_log import TaskLog

NO_WATERMARK = -(2**62)
"""A mark that brings nothing."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One rebuild of a unit. `incarnation` names it; `tasks`: how many end together. `compacts`: whether the broker
    does.
    """

    plan: Plan
    selection: Selection
    incarnation: str
    tasks: int
    compacts: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One task of it at its end. `since`: from when on everything was read (epoch milliseconds); None: always.

    `watermark`: epoch milliseconds. `entities`: how many it holds. `complete`: what is covered where nothing is
    missing. `anew`: topics whose former log is gone; `ids`: of topics, where the broker tells.
    """

    name: str
    since: int | None
    watermark: int | None
    entities: int
    complete: Covered
    anew: frozenset[str] = frozenset()
    ids: Mapping[str, str | None] = field(default_factory=dict)


def outcome(rebuild: Rebuild, task: Standing, log: TaskLog, built: Built, now: int) -> tuple[int, list[Record]]:
    """The number of the flush, and its records, the progress last. Panes that begin before `since` are left alone.

    `log.progress` must be there. `now`: epoch milliseconds, for people only.
    """
    running = log.progress
    if running is None:
        raise ValueError(f"{task.name} has counted nothing")
    number = running.flush + 1
    records: list[Record] = [
        replace(pane, incarnation=rebuild.incarnation, flush=number)
        for pane in panes(rebuild.plan, log, built, task.since, (number, task.watermark))
    ]
    records += [replace(base, incarnation=rebuild.incarnation, flush=number) for base in _bases(task, log, built)]
    records += _blocks(rebuild, log, built, number)
    records += [
        IdleMark(task.name, topic, offset, rebuild.incarnation, number, NO_WATERMARK)
        for topic, offset in log.marks
        if topic in task.anew
    ]
    records.append(covered(rebuild, task, log.coverage, number))
    told = _progress(rebuild, task, running, built)
    consolidated = running.consolidated | {
        f"{name} {store}": number for name in (task.name, f"{task.name}/history") for store in rebuild.selection.stores
    }
    together = (rebuild.incarnation, rebuild.tasks)
    records.append(
        replace(
            told,
            incarnation=rebuild.incarnation,
            flush=number,
            at=now,
            consolidated=consolidated,
            work=running.work,
            together=together,
        )
    )
    return number, records


def _bases(task: Standing, log: TaskLog, built: Built) -> Iterator[Base]:
    """The sums of what left retention. Where the beginning is missing, those that were there know more."""
    if task.since is not None:
        return
    yield from built.bases.values()
    for key in log.bases.keys() - built.bases.keys():
        if key[0] not in built.groups:
            continue
        old = log.bases[key]
        names: dict[str, list[str | None]] = {name: [] for name in old.dimensions}
        yield replace(old, dimensions=names, columns={name: [] for name in old.columns})


def _blocks(rebuild: Rebuild, log: TaskLog, built: Built, number: int) -> Iterator[EntityBlock]:
    """The stores as they are now, and nothing in place of what else was there."""
    found = set()
    for block in built.blocks:
        if block.store in rebuild.selection.stores:
            found.add(block_key(block))
            yield replace(block, incarnation=rebuild.incarnation, flush=number)
    if rebuild.compacts:
        for task, store, part in sorted(log.blocks - found):
            if store in rebuild.selection.stores:
                yield EntityBlock(task, store, part, rebuild.incarnation, number, "", "", b"")


def covered(rebuild: Rebuild, task: Standing, told: Coverage | None, number: int) -> Coverage:
    """What the task counts once the rebuild is done. `told`: what it said before; None: it counted everything."""
    selection, since = rebuild.selection, task.since
    before = task.complete.since if told is None else told.since
    found = {name: dict(columns) for name, columns in before.items()}
    for name in selection.groups:
        columns, known = task.complete.since[name], before.get(name, {})
        found[name] = {
            column: None if since is None else _later(rebuild, name, known.get(column, NEVER), since)
            for column in columns
        }
    grains = task.complete.grains if told is None or (selection.whole and since is None) else told.grains
    partitions = selection.unit.partitions
    return Coverage(task.name, rebuild.incarnation, number, found, partitions, rebuild.plan.catalogue, grains)


def _later(rebuild: Rebuild, group: str, before: int | None, since: int) -> int | None:
    """From when on, where a part of the log was not read. Panes before that stay as they were."""
    entity = rebuild.selection.unit.entity
    if entity is not None and rebuild.plan.groups[group].entity is not None:
        return NEVER if is_level(rebuild.plan, group) else since + entity.forget_after
    if rebuild.plan.groups[group].dated:
        # What was not read may be dated after what was.
        return NEVER
    if before is None or before <= since or is_level(rebuild.plan, group):
        return before
    return since


def _progress(rebuild: Rebuild, task: Standing, running: Progress, built: Built) -> Progress:
    if rebuild.selection.whole:
        if built.progress is None:
            raise ValueError(f"{task.name} was not flushed")
        ids = {name: topic.topic_id for name, topic in running.topics.items()} | dict(task.ids)
        topics = {name: replace(told, topic_id=ids.get(name)) for name, told in built.progress.topics.items()}
        return replace(built.progress, topics=topics)
    fresh = {} if built.progress is None else built.progress.folded
    kept = {group: depths for group, depths in running.folded.items() if group not in rebuild.selection.groups}
    folded = kept | {group: depths for group, depths in fresh.items() if group in rebuild.selection.groups}
    entities = task.entities if ENTITIES in rebuild.selection.stores else running.entities
    sources = {rebuild.plan.groups[group].source for group in rebuild.selection.groups}
    dates = {} if built.progress is None else built.progress.earliest
    earliest = running.earliest | {source: date for source, date in dates.items() if source in sources}
    return replace(running, folded=folded, entities=entities, earliest=earliest)
