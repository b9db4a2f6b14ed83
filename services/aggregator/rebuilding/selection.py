"""What is to be rebuilt: measure groups by unit, and the stores that have to follow them."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi.plan import Family, Plan
from kpi.scope import Scope
from kpi.sources import owner_of
from kpi.units import Unit
from schemas.entities import NEVER
from schemas.kpis import Catalogue
from services.aggregator.rebuilding.refusals import RebuildRefused

Since = Mapping[str, Mapping[str, int | None]]
"""By group and column: from when on everything is counted (epoch milliseconds); None: from the beginning."""
ENTITIES = ""
"""The store of a unit's entities; those of events are named by their stream."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The groups of one unit that are rebuilt. `whole`: everything of the unit, its positions included.

    `stores`: what is kept of entities (`ENTITIES`) and of events that may be corrected (by stream) and is replaced.
    """

    unit: Unit
    groups: frozenset[str]
    whole: bool
    stores: frozenset[str] = frozenset()


def select(catalogue: Catalogue, plan: Plan, kpis: Sequence[str]) -> tuple[Selection, ...]:
    """What these KPIs, and those that they use, are made of; everything where none is named.

    Units that others read re-keyed come first. Raises RebuildRefused for a KPI that there is not.
    """
    for name in kpis:
        if name not in catalogue.kpis:
            near = difflib.get_close_matches(name, catalogue.kpis, 1)
            hint = f"did you mean {near[0]}?" if near else "`kpi list` shows all"
            raise RebuildRefused(f"no KPI is called {name!r}; {hint}")
    scope = Scope(catalogue, plan)
    family = {member for name in kpis for member in scope.family(name)}
    wanted = {group.id for name in family for group in plan.groups_of(name)}
    if kpis and not wanted:
        raise RebuildRefused(f"nothing is counted for {', '.join(kpis)}: there is nothing to rebuild")
    selections = []
    for unit in sorted(plan.units.values(), key=lambda unit: unit.is_second_hop):
        mine = frozenset(group.id for group in plan.groups.values() if group.unit == unit.name)
        found = mine & wanted if kpis else mine
        if found or not kpis:
            selections.append(_with_stores(catalogue, plan, Selection(unit, found, found == mine)))
    return tuple(selections)


def _with_stores(catalogue: Catalogue, plan: Plan, selection: Selection) -> Selection:
    unit = selection.unit
    streams = {stream for stream in unit.streams if not unit.is_second_hop and catalogue.streams[stream].corrections}
    groups = [plan.groups[group] for group in selection.groups]
    sources = {owner_of(group.source)[0] if group.part else group.source for group in groups}
    stores = streams if selection.whole else streams & sources
    if selection.whole and unit.entity is not None:
        stores = stores | {ENTITIES}
    return replace(selection, stores=frozenset(stores))


def lives(plan: Plan, selection: Selection) -> frozenset[str]:
    """All that the unit's entities contribute, where any of it is selected."""
    mine = frozenset(g.id for g in plan.groups.values() if g.unit == selection.unit.name and g.entity is not None)
    return mine if mine & selection.groups else frozenset()


def widened(plan: Plan, selection: Selection, covered: Iterable[Since]) -> Selection:
    """With all that its entities contribute, where the log has no entities that these contributions could be of.

    `covered`: what the unit's tasks cover now.
    """
    mine = lives(plan, selection)
    # A definition that is new as a whole began without entities. Groups are named by the definition that made them.
    for each in covered:
        known = [since for group in mine for since in each.get(group, {}).values()]
        if known and all(since is not None and since >= NEVER for since in known):
            return replace(selection, groups=selection.groups | mine, stores=selection.stores | {ENTITIES})
    return selection


def check_partial(plan: Plan, selection: Selection, why: str) -> None:
    """Raises RebuildRefused where lives are to be rebuilt of which the beginning may be missing, `why` saying so.

    What the workers know of them, and withdraw one day, would not be what was rebuilt. Nor would what has dates of its
    own be whole from any moment on.
    """
    dated = frozenset(name for name in selection.groups if plan.groups[name].dated)
    if dated and not selection.whole:
        named = sorted(kpi for (kpi, _), reading in plan.readings.items() if reading.group in dated)
        raise RebuildRefused(
            f"{why}: {', '.join(dict.fromkeys(named))} count what may be dated after it was said, also before. They "
            "can be rebuilt only from the beginning of the topics"
        )
    mine = lives(plan, selection) & selection.groups
    if not mine or selection.whole:
        return
    named = sorted(kpi for (kpi, _), reading in plan.readings.items() if reading.group in mine)
    raise RebuildRefused(
        f"{why}: {', '.join(dict.fromkeys(named))} count lives of {selection.unit.name}, which may have begun before. "
        f"They can be rebuilt only with all that {selection.unit.name} counts: {command(plan, selection.unit)}"
    )


def command(plan: Plan, unit: Unit) -> str:
    """What rebuilds a unit as a whole."""
    mine = {group.id for group in plan.groups.values() if group.unit == unit.name}
    kpis = dict.fromkeys(kpi for (kpi, _), reading in plan.readings.items() if reading.group in mine)
    return f"`kpi rebuild {' '.join(kpis)}`" if kpis else "`kpi rebuild`"


def is_level(plan: Plan, group: str) -> bool:
    """Whether a group's values are sums of everything before."""
    return plan.groups[group].family is Family.level
