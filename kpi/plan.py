"""From declarations to what is computed: units of ownership, measure groups and their columns."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from schemas.entities import Entity
from schemas.kpis import Aggregate, Catalogue, Kpi, Measure

CURRENCY = "currency"
"""The hidden dimension of every group that holds money."""


class Family(StrEnum):
    """What one row of a group stands for, beside pane and dimension values: nothing more, a histogram bucket, a
    key, an edge sum.
    """

    totals = "totals"
    histogram = "histogram"
    keys = "keys"
    level = "level"


class Merge(StrEnum):
    """How a column merges. Only sums can be withdrawn."""

    sum = "sum"
    min = "min"
    max = "max"


@dataclass(frozen=True, slots=True)
class Column:
    """One integer of a row: `value` (SQL; None counts) over the contributions for which `where` holds."""

    name: str
    merge: Merge
    value: str | None
    where: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """All measures of one source with the same dimensions, kept as rows (pane, dimension values, columns).

    `source` is a stream or `<entity>.<contribution>`. `extra` is the expression behind the additional key of
    histogram and keys. Level groups have the columns `s0` (sum of changes) and `s1` (sum of change x milliseconds
    since the pane's start).
    """

    id: str
    unit: str
    source: str
    family: Family
    dimensions: tuple[str, ...]
    columns: tuple[Column, ...]
    extra: str | None = None
    where: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is owned together: one plain stream, or one kind of entity with the streams that it reads.

    Task n = partition n of it.
    """

    name: str
    streams: tuple[str, ...]
    partitions: int
    entity: Entity | None


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """Where a measure of a KPI stands: its group, and the names of its count and value columns there."""

    group: str
    aggregate: Aggregate
    count: str
    value: str | None
    quantile: float | None
    scale: int
    money: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from a catalogue. `readings` is by (KPI, measure)."""

    units: dict[str, Unit]
    groups: dict[str, Group]
    readings: dict[tuple[str, str], MeasureReading]

    def groups_of(self, kpi: str) -> tuple[Group, ...]:
        """The groups that the KPI's own measures read, each once."""
        return tuple(
            {r.group: self.groups[r.group] for (owner, _), r in self.readings.items() if owner == kpi}.values()
        )


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def _column(merge: Merge, value: str | None, where: str | None) -> Column:
    return Column(f"c{_digest(merge.value, value, where)}", merge, value, where)


_FAMILIES = {Aggregate.quantile: Family.histogram, Aggregate.distinct: Family.keys, Aggregate.level: Family.level}
_MERGES = {Aggregate.min: Merge.min, Aggregate.max: Merge.max}


def entity_digest(catalogue: Catalogue, name: str) -> str:
    """Names an entity's definition, with the targets that decide its deadlines."""
    entity = catalogue.entities[name]
    targets = [catalogue.targets[deadline.target].model_dump_json() for deadline in entity.deadlines.values()]
    return _digest(entity.model_dump_json(exclude={"title"}), *targets)


def _unit_names(catalogue: Catalogue) -> dict[str, str]:
    """Unit of each stream: the entity that reads it, else the stream itself."""
    names = {name: name for name in catalogue.streams}
    for entity in catalogue.entities.values():
        names.update(dict.fromkeys(entity.of, entity.entity))
    return names


def _currency(catalogue: Catalogue, measure: Measure) -> str | None:
    owner, _, contribution = measure.from_.rpartition(".")
    if measure.from_ not in catalogue.streams:
        return catalogue.entities[owner].contributions[contribution].currency
    return measure.currency


def _group(catalogue: Catalogue, kpi: Kpi, measure: Measure, units: dict[str, str]) -> tuple[Group, MeasureReading]:
    family = _FAMILIES.get(measure.aggregate, Family.totals)
    of_stream = measure.from_ in catalogue.streams
    unit = units[measure.from_] if of_stream else measure.from_.rpartition(".")[0]
    currency = _currency(catalogue, measure)
    dimensions = tuple(sorted(kpi.dimensions)) + ((CURRENCY,) if currency else ())
    value = measure.value or (None if of_stream else "value")
    extra = value if family in (Family.histogram, Family.keys) else None
    where = measure.where if family is not Family.totals else None
    count = value_column = None
    if family is Family.totals:
        counted = measure.where
        if measure.aggregate is Aggregate.mean and measure.value is not None:
            counted = f"({measure.value}) is not null" + (f" and ({measure.where})" if measure.where else "")
        count = _column(Merge.sum, None, counted)
        columns: tuple[Column, ...] = (count,)
        if measure.aggregate is not Aggregate.count:
            value_column = _column(_MERGES.get(measure.aggregate, Merge.sum), value, measure.where)
            columns = (count, value_column)
    elif family is Family.level:
        count, value_column = Column("s0", Merge.sum, None, None), Column("s1", Merge.sum, None, None)
        columns = (count, value_column)
    else:
        count = Column("n", Merge.sum, None, None)
        columns = (count,)
    # What another definition of the entity made cannot be withdrawn by this one: it gets groups of its own.
    made_by = None if of_stream else entity_digest(catalogue, unit)
    identity = _digest(measure.from_, family.value, dimensions, currency, extra, where, made_by)
    group = Group(
        f"{measure.from_}/{identity}", unit, measure.from_, family, dimensions, columns, extra, where, currency
    )
    reading = MeasureReading(
        group.id,
        measure.aggregate,
        count.name,
        value_column.name if value_column else None,
        measure.quantile,
        measure.scale,
        currency is not None and measure.aggregate is not Aggregate.count,
    )
    return group, reading


def plan(catalogue: Catalogue) -> Plan:
    """The plan of a checked catalogue.

    Groups and columns are named by what they compute, so that equal ones are shared.
    """
    unit_names = _unit_names(catalogue)
    groups: dict[str, Group] = {}
    readings: dict[tuple[str, str], MeasureReading] = {}
    for kpi in catalogue.kpis.values():
        for name, measure in kpi.measures.items():
            group, reading = _group(catalogue, kpi, measure, unit_names)
            known = groups.get(group.id)
            if known:
                columns = tuple({c.name: c for c in (*known.columns, *group.columns)}.values())
                group = Group(
                    known.id,
                    known.unit,
                    known.source,
                    known.family,
                    known.dimensions,
                    columns,
                    known.extra,
                    known.where,
                    known.currency,
                )
            groups[group.id] = group
            readings[kpi.kpi, name] = reading
    units = {
        unit: Unit(
            unit,
            streams := tuple(sorted(s for s, u in unit_names.items() if u == unit)),
            catalogue.streams[streams[0]].partitions,
            catalogue.entities.get(unit),
        )
        for unit in sorted(set(unit_names.values()))
    }
    return Plan(units, groups, readings)
