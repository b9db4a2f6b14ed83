"""From declarations to what is computed."""

from dataclasses import replace

from kpi.digests import catalogue_digest, digest, entity_digest, fields_digest, part_digest
from kpi.plan import COUNTS, CURRENCY, FAMILIES, HELD, Column, Family, Group, MeasureReading, Merge, Part, Plan
from kpi.rates import said_of
from kpi.sources import OfEntity, OfPart, OfStream, Source, offered_by, owner_of, source_of
from kpi.units import owners, units_of
from schemas.kpis import Aggregate, Catalogue, Kpi, Measure
from schemas.parts import FatesPart
from schemas.streams import Stream

_MERGES = {Aggregate.min: Merge.min, Aggregate.max: Merge.max}


def _column(stream: Stream | None, merge: Merge, value: str | None, where: str | None, part: Part) -> Column:
    # A field that means something else than before makes another column.
    fields = "" if stream is None else fields_digest(stream, (value, where))
    return Column(f"c{digest(merge.value, value, where, part.value, fields)}", merge, value, where, part)


def _currency(source: Source, measure: Measure) -> str | None:
    match source:
        case OfStream():
            return measure.currency
        case OfPart(part=contribution) | OfEntity(contribution=contribution):
            return contribution.currency


def _unit(source: Source, owners: dict[str, str]) -> str:
    match source:
        case OfStream(stream) | OfPart(stream):
            return owners[stream.stream]
        case OfEntity(entity):
            return entity.entity


def _counted(measure: Measure) -> str | None:
    """What the contributions of a totals measure are that it counts: of a mean or variance, those with a value."""
    if measure.value is None or measure.aggregate not in (Aggregate.mean, Aggregate.variance):
        return measure.where
    return f"({measure.value}) is not null" + (f" and ({measure.where})" if measure.where else "")


def _totals(stream: Stream | None, measure: Measure, value: str | None) -> tuple[Column, ...]:
    """The columns of a totals measure: count, value, squares."""
    count = _column(stream, Merge.sum, None, _counted(measure), Part.value)
    if measure.aggregate is Aggregate.count:
        return (count,)
    merge = _MERGES.get(measure.aggregate, Merge.sum)
    columns = (count, _column(stream, merge, value, measure.where, Part.value))
    if measure.aggregate is not Aggregate.variance:
        return columns
    squares = (Part.square_high, Part.square_low)
    return (*columns, *(_column(stream, Merge.sum, value, measure.where, part) for part in squares))


def _columns(stream: Stream | None, family: Family, measure: Measure, value: str | None) -> tuple[Column, ...]:
    if family is Family.totals:
        return _totals(stream, measure, value)
    if family is Family.level:
        return (Column("s0", Merge.sum, None, None), Column("s1", Merge.sum, None, None))
    if family is Family.held:
        return (Column("change", Merge.sum, None, None),)
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
    source = source_of(catalogue, measure.from_)
    stream = source.stream if isinstance(source, OfStream) else None
    unit = _unit(source, units)
    currency = _currency(source, measure)
    held = [name for name in kpi.dimensions if not measure.whole or name in offered_by(source)]
    dimensions = tuple(sorted(held)) + ((CURRENCY,) if currency else ())
    dimensions += (HELD,) if measure.aggregate is Aggregate.least else ()
    value = measure.value or ("value" if stream is None else None)
    extra = value if family in (Family.histogram, Family.keys) else measure.key
    where = measure.where if family is not Family.totals else None
    columns = _columns(stream, family, measure, value)
    # What another definition made cannot be withdrawn by this one: it gets groups of its own.
    chosen: tuple[str | None, ...] = (value,) if family in (Family.first, Family.last, Family.latest) else ()
    chosen += (measure.by,) if measure.by is not None else ()
    made_by: object
    match source:
        case OfEntity(entity):
            made_by = entity_digest(catalogue, entity.entity)
        case OfPart(whole, part):
            made_by = whole.corrections, part_digest(whole, part)
        case OfStream(whole):
            made_by = (
                whole.corrections,
                fields_digest(whole, (*kpi.dimensions, currency, extra, where, *chosen)),
            )
    reporting = catalogue.reporting
    # What a level is worth is decided where it is read, and what counts keys has no amounts.
    undated = (Family.level, Family.held, Family.keys)
    converted = currency is not None and reporting.rates is not None and family not in undated
    daily = reporting.currency if converted and measure.from_ != reporting.rates else None
    kept = () if daily is None else ("daily", daily)
    identity = digest(measure.from_, family.value, dimensions, currency, extra, where, made_by, *chosen, *kept)
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
        entity=source.entity.entity if isinstance(source, OfEntity) else None,
        part=owner_of(measure.from_)[1] if isinstance(source, OfPart) else None,
        by=measure.by,
        dated=isinstance(source, OfPart) and source.part.is_dated,
        daily=daily,
        is_of_arrivals=isinstance(source, OfPart) and isinstance(source.part, FatesPart),
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
    rates = None
    if catalogue.reporting.rates is not None:
        said = said_of(catalogue.reporting.rates)
        group, _ = _group(catalogue, said, said.measures["said"], unit_names)
        groups[group.id], rates = group, group.id
    return Plan(units_of(catalogue), groups, readings, catalogue_digest(catalogue, groups.values()), rates)
