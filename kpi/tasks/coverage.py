"""Since when a task counts what: what its log says of that, held against what its plan asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi.plan import Family, Group
from kpi.tasks.refusals import CannotContinue
from kpi.units import Unit
from schemas.entities import NEVER
from schemas.wire import COPIES, Coverage, Progress

Since = dict[str, dict[str, int | None]]
"""By group and column, or by re-keyed topic and `COPIES`, the time from which on everything is counted (epoch
milliseconds; None: from the beginning, `NEVER`: only a rebuild can tell).
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a task of a unit is to count: its groups by name, the grains that it keeps, and the digest of all that it
    depends on.
    """

    unit: Unit
    groups: Mapping[str, Group]
    grains: tuple[str, ...]
    catalogue: str


@dataclass(frozen=True, slots=True)
class Covered:
    """What a task counts, and since when. `grains`: by grain since when its panes hold everything."""

    since: Since
    grains: dict[str, int | None]

    def record(self, task: str, incarnation: str, flush: int, wanted: Wanted) -> Coverage:
        """As it stands in the log."""
        return Coverage(task, incarnation, flush, self.since, wanted.unit.partitions, wanted.catalogue, self.grains)


def covered(wanted: Wanted, said: Coverage | None, progress: Progress | None) -> Covered:
    """What counts since when, after the log said `said`, and stood at `progress`; None: it says nothing.

    What is counted already keeps its time, and what is new begins now: on a task that has counted nothing from the
    beginning; of a plain stream after the latest event that was counted, or
    after the latest arrival; of entities, and of what has dates of its own,
    only a rebuild can tell, since they change what was. What the catalogue no longer names is left out, and is new
    where it returns.

    Raises CannotContinue where the keys of entities have moved to other partitions.
    """
    _check_partitions(wanted.unit, said)
    if progress is None or said is None:
        return Covered(_all(wanted), dict.fromkeys(wanted.grains))
    latest = max((topic.last for topic in progress.topics.values() if topic.last is not None), default=None)
    after = None if latest is None else latest + 1
    changing = None if latest is None else NEVER
    read = max((topic.appended for topic in progress.topics.values() if topic.appended is not None), default=None)
    arriving = None if read is None else read + 1
    since: Since = {}
    for name, group in wanted.groups.items():
        known = said.since.get(name, {})
        # What was read before may be dated after what comes now.
        moves = group.entity is not None or group.family is Family.level or group.dated
        fresh = arriving if group.is_of_arrivals else changing if moves else after
        since[name] = {column.name: known.get(column.name, fresh) for column in group.columns}
    for written in wanted.unit.writes:
        since[written.topic] = {COPIES: said.since.get(written.topic, {}).get(COPIES, changing)}
    dated = any(group.dated for group in wanted.groups.values())
    begun = changing if wanted.unit.entity is not None or dated else after
    kept = said.grains or dict.fromkeys(wanted.grains)
    return Covered(since, {name: kept.get(name, begun) for name in wanted.grains})


def is_gone(said: Coverage | None, group: str, grain: str) -> bool:
    """Whether rows of the group and grain are of an earlier time: it left the catalogue since, and what happened
    meanwhile is not in them.
    """
    return said is not None and (group not in said.since or (bool(said.grains) and grain not in said.grains))


def _all(wanted: Wanted) -> Since:
    since: Since = {name: {c.name: None for c in group.columns} for name, group in wanted.groups.items()}
    return since | {written.topic: {COPIES: None} for written in wanted.unit.writes}


def _check_partitions(unit: Unit, said: Coverage | None) -> None:
    if said is None or said.partitions == unit.partitions:
        return
    moved = unit.entity is not None or bool(unit.writes) or unit.closes
    if moved or unit.partitions < said.partitions:
        raise CannotContinue(
            f"{unit.name} has {unit.partitions} partitions, and what it has counted is of {said.partitions}: "
            + ("its keys lie elsewhere now. " if moved else "what the others hold would be left out. ")
            + f"Declare {said.partitions} again; or begin anew with all that the topics retain: stop everything, "
            "delete the topics kpi.panes.v1 and *.by.*, and run `kpi topics`"
        )
