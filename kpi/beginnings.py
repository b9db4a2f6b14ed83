"""Since when measures count everything, as the tasks say: before that, a number would be a part of one."""

from collections.abc import Iterable, Mapping, Sequence

from kpi.measures import columns_of
from kpi.plan import Group, Plan
from kpi.reading import Panes, Span
from kpi.scope import Scope
from kpi.units import Unit
from schemas.entities import NEVER
from schemas.wire import COPIES, Coverage

Time = int | None
"""Epoch milliseconds; None: from the beginning, `NEVER`: only a rebuild can tell."""


class Beginnings:
    """What the tasks of a plan count since when, in one state of the panes."""

    def __init__(self, plan: Plan, panes: Panes) -> None:
        self._plan, self._panes = plan, panes
        self._said: dict[str, Sequence[Coverage]] = {}
        self._copied: dict[str, Time] = {}

    def of(self, group: Group, columns: Iterable[str]) -> Time:
        """Since when all tasks count everything in these columns."""
        wanted = tuple(columns)
        times = [_since(said, group.id, wanted) for said in self._of_unit(group.unit)]
        return latest([*times, self._since_copied(self._plan.units[group.unit])])

    def cut(self, group: Group, columns: Iterable[str], spans: Sequence[Span | None]) -> list[bool]:
        """For each span whether it reads panes of a time when not everything was counted in these columns."""
        since = self.of(group, columns)
        grains = self._grains(group.unit)
        if since is None and not any(time is not None for time in grains.values()):
            return [False] * len(spans)
        return [
            span is not None
            and any(
                limit is not None and (tile.start is None or tile.start < limit)
                for tile in span.all_tiles
                for limit in (since, grains.get(tile.grain))
            )
            for span in spans
        ]

    def of_kpi(self, scope: Scope, kpi: str) -> Time:
        """Since when all that the KPI is made of, the KPIs it uses included, counts everything."""
        times = []
        for name in scope.family(kpi):
            for group in self._plan.groups_of(name):
                times.append(self.of(group, columns_read(self._plan, name, group.id)))
                times += self._grains(group.unit).values()
        return latest(times)

    def _grains(self, unit: str) -> Mapping[str, Time]:
        names = dict.fromkeys(name for said in self._of_unit(unit) for name in said.grains)
        return {name: latest(_grain(said, name) for said in self._of_unit(unit)) for name in names}

    def _since_copied(self, unit: Unit) -> Time:
        """Of what is read re-keyed: it is whole, or there is no telling which lives lack something."""
        if unit.name not in self._copied:
            writers = [(read.topic, self._plan.owner(read.stream).name) for read in unit.reads]
            times = [_since(said, topic, (COPIES,)) for topic, owner in writers for said in self._of_unit(owner)]
            self._copied[unit.name] = None if latest(times) is None else NEVER
        return self._copied[unit.name]

    def _of_unit(self, unit: str) -> Sequence[Coverage]:
        """What its tasks say. One that says nothing counts all that it finds."""
        if unit not in self._said:
            tasks = [f"{unit}/{number}" for number in range(self._plan.units[unit].partitions)]
            self._said[unit] = [said for task in tasks if (said := self._panes.coverage(task)) is not None]
        return self._said[unit]


def columns_read(plan: Plan, kpi: str, group: str) -> tuple[str, ...]:
    """The columns of a group that the KPI's own measures read."""
    readings = [reading for (owner, _), reading in plan.readings.items() if owner == kpi and reading.group == group]
    return tuple(dict.fromkeys(column for reading in readings for column in columns_of(reading)))


def latest(times: Iterable[Time]) -> Time:
    """The last of several."""
    return max((time for time in times if time is not None), default=None)


def _since(said: Coverage, name: str, columns: Iterable[str]) -> Time:
    # What a task says nothing of, it does not count: it runs on another catalogue.
    known = said.since.get(name, {})
    return latest(known.get(column, NEVER) for column in columns)


def _grain(said: Coverage, name: str) -> Time:
    return said.grains.get(name, NEVER) if said.grains else None
