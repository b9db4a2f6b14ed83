"""What a KPI depends on: units, and whether it reads what was dated ahead."""

from collections.abc import Iterator, Mapping

from kpi.formulas import FormulaError, Operand, evaluate, names_in
from kpi.operands import doubled
from kpi.plan import Group, Plan
from kpi.reach import reach_of
from kpi.sources import OfEntity, OfPart, OfStream, source_of
from schemas.declarations import Sql
from schemas.kpis import Aggregate, Catalogue, Kpi


class Scope:
    """Dependencies of the KPIs of a catalogue, followed through the KPIs that they use."""

    def __init__(self, catalogue: Catalogue, plan: Plan) -> None:
        self._catalogue, self._plan = catalogue, plan
        self._ahead = {group.id for group in plan.groups.values() if self._is_ahead(group)}

    def family(self, kpi: str) -> Iterator[str]:
        """The KPI and every KPI that it uses, each once, itself first."""
        seen, waiting = {kpi}, [kpi]
        while waiting:
            name = waiting.pop()
            yield name
            fresh = [used for used in self._catalogue.kpis[name].uses if used not in seen]
            seen.update(fresh)
            waiting += fresh

    def dimensions(self, kpi: str) -> list[str]:
        """By which dimensions the KPI can be broken down: those that all it is made of have, but for what is whole."""
        declared = self._catalogue.kpis[kpi]
        used = [self.dimensions(name) for name in declared.uses if name not in declared.whole]
        return [name for name in declared.dimensions if all(name in those for those in used)]

    def own_units(self, kpi: str) -> frozenset[str]:
        """The units that the KPI's own measures read."""
        return frozenset(group.unit for group in self._plan.groups_of(kpi))

    def units(self, kpi: str) -> frozenset[str]:
        """The units that the KPI reads, directly or through others."""
        return frozenset(unit for name in self.family(kpi) for unit in self.own_units(name))

    def reads_ahead(self, kpi: str) -> bool:
        """Whether the KPI reads levels, or what has a date of its own: these are true up to the watermark only."""
        return any(group.id in self._ahead for group in self._plan.groups_of(kpi))

    def reach(self, kpi: Kpi) -> int:
        """How long after a window's end its own contributions may still change, in milliseconds."""
        return max([kpi.reach, *(reach_of(self._catalogue, measure.from_) for measure in kpi.measures.values())])

    def closings(self, kpi: Kpi) -> Mapping[str, str | None]:
        """By stream whose closed days the KPI's own measures wait for, the dimension that is who closes, if one is."""
        found: dict[str, str | None] = {}
        for measure in kpi.measures.values():
            source = source_of(self._catalogue, measure.from_)
            if isinstance(source, OfPart) and source.stream.closes(source.part) and source.stream.closing:
                per = source.stream.closing.per
                named = [name for name, one in source.part.dimensions.items() if one.sql == per]
                found[source.stream.stream] = next(iter(named), None)
        return found

    def is_level(self, kpi: str) -> bool:
        """Whether the KPI states how things are at a moment, not what happened in a span."""
        measures = self._catalogue.kpis[kpi].measures.values()
        return bool(measures) and all(measure.aggregate in (Aggregate.level, Aggregate.least) for measure in measures)

    def grows(self, kpi: Kpi) -> bool:
        """Whether the value is a total that grows with its window, so that a part of the window shows a part of it."""
        adds = {Aggregate.count, Aggregate.sum}
        parts = kpi.measures.values()
        if kpi.uses or not parts or any(m.aggregate not in adds or m.window != "this" for m in parts):
            return False
        # A total doubles with its parts, a ratio stays: told by trying.
        sample = {name: place + 3 for place, name in enumerate(names_in(kpi.formula))}
        once, twice = evaluate(kpi.formula, [doubled(kpi, sample, factor) for factor in (1, 2)])
        return bool(once.value) and twice.value is not None and twice.value == 2 * (once.value or 0)

    def _is_ahead(self, group: Group) -> bool:
        match source_of(self._catalogue, group.source):
            case OfStream():
                return False
            case OfPart(part=part):
                return part.is_dated
            case OfEntity(entity, contribution):
                at = contribution.at
                return at is None or any(name in entity.deadlines for name in names_in(at)) or _adds_time(at)


MOMENT = 10**12


def _adds_time(at: Sql) -> bool:
    """Whether a date may lie after all that it is made of: told by trying, with every name there and with some not."""
    names = names_in(at)
    present = [set(names), *({name} for name in names), *(set(names) - {name} for name in names)]
    tries = [{name: Operand(MOMENT if name in those else None) for name in names} for those in present]
    try:
        return any((found.value or 0) > MOMENT for found in evaluate(at, tries))
    except FormulaError:
        # It reads more than moments. What is not dated ahead is only shown a little later.
        return True
