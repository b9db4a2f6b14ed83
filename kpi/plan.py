"""From declarations to what is computed: units of ownership, measure groups and their columns."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from kpi.units import Unit, owners, units_of
from schemas.kpis import Aggregate, Catalogue, Kpi, Measure
from schemas.streams import Stream

CURRENCY = "currency"
"""The hidden dimension of every group that holds money."""


class Family(StrEnum):
    """What one row of a group stands for, beside pane and dimension values: nothing more, a histogram bucket, a
    key, an edge sum, the earliest or the latest event, a key's latest event.
    """

    totals = "totals"
    histogram = "histogram"
    keys = "keys"
    level = "level"
    first = "first"
    last = "last"
    latest = "latest"


class Merge(StrEnum):
    """How a column merges: by itself, or as part of the row whose (time, tie, value) is the least or the greatest.

    Only sums can be withdrawn.
    """

    sum = "sum"
    min = "min"
    max = "max"
    first = "first"
    last = "last"


class Part(StrEnum):
    """What of a value a column holds. A square is high x 2^32 + low, where 0 <= low < 2^32."""

    value = "value"
    square_high = "square_high"
    square_low = "square_low"


@dataclass(frozen=True, slots=True)
class Column:
    """One integer of a row: `value` (SQL; None counts) over the contributions for which `where` holds."""

    name: str
    merge: Merge
    value: str | None
    where: str | None
    part: Part = Part.value


@dataclass(frozen=True, slots=True)
class Group:
    """All measures of one source with the same dimensions, kept as rows (pane, dimension values, columns).

    `source` is a stream or `<entity>.<contribution>`; of the latter `entity` is the name. `extra` is the expression
    behind the additional key: the bucketed value of a histogram, the counted one of keys, the key of latest.

    Columns of totals are named by what they compute. histogram and keys: `n`, the number of contributions. level: `s0`
    (sum of changes) and `s1` (sum of change x milliseconds since the pane's start). first, last and latest: `time` and
    `value` of the event that is the first or the last, `tie` between events of one time, and `n`, the number of events.
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
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """Where a measure of a KPI stands: its group, and the names of its count and value columns there.

    `squares`: of a variance, the columns of the sum of squares, high and low.
    """

    group: str
    aggregate: Aggregate
    count: str
    value: str | None
    quantile: float | None
    scale: int
    money: bool
    squares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from a catalogue. `readings` is by (KPI, measure)."""

    units: dict[str, Unit]
    groups: dict[str, Group]
    readings: dict[tuple[str, str], MeasureReading]

    def owner(self, stream: str) -> Unit:
        """The unit that takes the stream's own records."""
        return next(unit for unit in self.units.values() if stream in unit.streams and not unit.is_second_hop)

    def groups_of(self, kpi: str) -> tuple[Group, ...]:
        """The groups that the KPI's own measures read, each once."""
        return tuple(
            {r.group: self.groups[r.group] for (owner, _), r in self.readings.items() if owner == kpi}.values()
        )


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def _column(merge: Merge, value: str | None, where: str | None, part: Part = Part.value) -> Column:
    named_by = (merge.value, value, where) if part is Part.value else (merge.value, value, where, part.value)
    return Column(f"c{_digest(*named_by)}", merge, value, where, part)


FAMILIES = {
    Aggregate.quantile: Family.histogram,
    Aggregate.distinct: Family.keys,
    Aggregate.repeaters: Family.keys,
    Aggregate.overlap: Family.keys,
    Aggregate.level: Family.level,
    Aggregate.integral: Family.level,
    Aggregate.first: Family.first,
    Aggregate.last: Family.last,
    Aggregate.latest: Family.latest,
}
"""The family of an aggregate; every other one stands in totals."""

COUNTS = frozenset({Aggregate.count, Aggregate.distinct, Aggregate.repeaters, Aggregate.overlap})
"""Aggregates that count, whatever the value's unit."""

_MERGES = {Aggregate.min: Merge.min, Aggregate.max: Merge.max}


def entity_digest(catalogue: Catalogue, name: str) -> str:
    """Names an entity's definition: its own, the targets of its deadlines, the fields that it carries, and what its
    streams let be corrected.
    """
    entity = catalogue.entities[name]
    named = [deadline.target for deadline in entity.deadlines.values() if deadline.target is not None]
    targets = [catalogue.targets[name].model_dump_json() for name in named]
    streams = [catalogue.streams[stream] for stream in entity.of]
    read = {field for state in entity.states.values() for field in (*state.carrying, state.per) if field is not None}
    fields = [
        stream.fields[name].model_dump_json() for stream in streams for name in sorted(read & stream.fields.keys())
    ]
    corrections = [stream.corrections for stream in streams]
    return _digest(entity.model_dump_json(exclude={"title"}), corrections, fields, *targets)


def events_digest(stream: Stream, fields: Iterable[str]) -> str:
    """Names how long the stream's events may be corrected, and what is kept of them until then."""
    kept = [(name, stream.fields[name].model_dump_json()) for name in fields]
    return _digest(stream.corrections, kept)


def _currency(catalogue: Catalogue, measure: Measure) -> str | None:
    owner, _, contribution = measure.from_.rpartition(".")
    if measure.from_ not in catalogue.streams:
        return catalogue.entities[owner].contributions[contribution].currency
    return measure.currency


def _counted(measure: Measure) -> str | None:
    """What the contributions of a totals measure are that it counts: of a mean or variance, those with a value."""
    if measure.value is None or measure.aggregate not in (Aggregate.mean, Aggregate.variance):
        return measure.where
    return f"({measure.value}) is not null" + (f" and ({measure.where})" if measure.where else "")


def _totals(measure: Measure, value: str | None) -> tuple[Column, ...]:
    """The columns of a totals measure: count, value, squares."""
    count = _column(Merge.sum, None, _counted(measure))
    if measure.aggregate is Aggregate.count:
        return (count,)
    columns = (count, _column(_MERGES.get(measure.aggregate, Merge.sum), value, measure.where))
    if measure.aggregate is not Aggregate.variance:
        return columns
    return (
        *columns,
        *(_column(Merge.sum, value, measure.where, part) for part in (Part.square_high, Part.square_low)),
    )


def _columns(family: Family, measure: Measure, value: str | None) -> tuple[Column, ...]:
    if family is Family.totals:
        return _totals(measure, value)
    if family is Family.level:
        return (Column("s0", Merge.sum, None, None), Column("s1", Merge.sum, None, None))
    count = Column("n", Merge.sum, None, None)
    if family in (Family.histogram, Family.keys):
        return (count,)
    chosen = Merge.first if family is Family.first else Merge.last
    return (
        count,
        Column("value", chosen, value, None),
        Column("time", chosen, None, None),
        Column("tie", chosen, None, None),
    )


def _group(catalogue: Catalogue, kpi: Kpi, measure: Measure, units: dict[str, str]) -> tuple[Group, MeasureReading]:
    family = FAMILIES.get(measure.aggregate, Family.totals)
    of_stream = measure.from_ in catalogue.streams
    unit = units[measure.from_] if of_stream else measure.from_.rpartition(".")[0]
    currency = _currency(catalogue, measure)
    dimensions = tuple(sorted(kpi.dimensions)) + ((CURRENCY,) if currency else ())
    value = measure.value or (None if of_stream else "value")
    extra = value if family in (Family.histogram, Family.keys) else measure.key
    where = measure.where if family is not Family.totals else None
    columns = _columns(family, measure, value)
    # What another definition made cannot be withdrawn by this one: it gets groups of its own.
    made_by = catalogue.streams[measure.from_].corrections if of_stream else entity_digest(catalogue, unit)
    chosen = (value,) if family in (Family.first, Family.last, Family.latest) else ()
    identity = _digest(measure.from_, family.value, dimensions, currency, extra, where, made_by, *chosen)
    group = Group(
        id=f"{measure.from_}/{identity}",
        unit=unit,
        source=measure.from_,
        family=family,
        dimensions=dimensions,
        columns=columns,
        extra=extra,
        where=where,
        currency=currency,
        entity=None if of_stream else unit,
    )
    reading = MeasureReading(
        group=group.id,
        aggregate=measure.aggregate,
        count=columns[0].name,
        value=columns[1].name if len(columns) > 1 else None,
        quantile=measure.quantile,
        scale=measure.scale,
        money=currency is not None and measure.aggregate not in COUNTS,
        squares=tuple(column.name for column in columns if column.part is not Part.value),
    )
    return group, reading


def plan(catalogue: Catalogue) -> Plan:
    """The plan of a checked catalogue.

    Groups and columns are named by what they compute, so that equal ones are shared.
    """
    unit_names = owners(catalogue)
    groups: dict[str, Group] = {}
    readings: dict[tuple[str, str], MeasureReading] = {}
    for kpi in catalogue.kpis.values():
        for name, measure in kpi.measures.items():
            group, reading = _group(catalogue, kpi, measure, unit_names)
            known = groups.get(group.id)
            if known:
                columns = tuple({c.name: c for c in (*known.columns, *group.columns)}.values())
                group = replace(known, columns=columns)
            groups[group.id] = group
            readings[kpi.kpi, name] = reading
    return Plan(units_of(catalogue), groups, readings)
