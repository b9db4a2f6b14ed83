"""From the sums of panes to the results of measures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kpi.aggregates.histogram import quantile
from kpi.aggregates.sampling import Bounds, estimated, estimated_sum
from kpi.aggregates.totals import variance
from kpi.money import MixedCurrencies, common
from kpi.plan import FAMILIES, Family, MeasureReading
from kpi.reading import Row
from kpi.reasons import Reason
from schemas.kpis import Aggregate

ZERO_WHEN_EMPTY = frozenset(
    {
        Aggregate.count,
        Aggregate.sum,
        Aggregate.distinct,
        Aggregate.repeaters,
        Aggregate.overlap,
        Aggregate.latest,
        Aggregate.level,
        Aggregate.integral,
    }
)

_OF_KEYS = {Aggregate.distinct: 0, Aggregate.repeaters: 2, Aggregate.overlap: 3}
_OF_LEVELS = {Aggregate.level: 0, Aggregate.integral: 1}


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure's result; `reason` where there is none. Money is in minor units of `currency`.

    `events`: how many contributions it is of; None for levels, whose rows are changes. `bounds`: where a sample
    answers, between what the value is in 95 % of all cases; `events` is an estimate then, too.
    """

    value: int | float | None
    events: int | None
    currency: str | None = None
    reason: Reason | None = None
    bounds: Bounds | None = None


def columns_of(reading: MeasureReading) -> tuple[str, ...]:
    """The columns that the measure needs, its count first."""
    return (reading.count, *((reading.value,) if reading.value is not None else ()), *reading.squares)


def measured(reading: MeasureReading, rows: Sequence[Row], columns: Sequence[str], *, covered: bool) -> Measured:
    """The result over `rows`, all of one window and one combination of dimensions. `columns` name their sums.

    `covered`: whether nothing counts as zero. A mean, an extreme or a quantile of nothing is never a number.
    """
    family = FAMILIES.get(reading.aggregate, Family.totals)
    if family is Family.totals:
        return _of_totals(reading, rows, columns, covered=covered)
    return _BY_FAMILY[family](reading, rows, covered)


def _of_totals(reading: MeasureReading, rows: Sequence[Row], columns: Sequence[str], *, covered: bool) -> Measured:
    places = [columns.index(name) for name in columns_of(reading)]
    rows = [row for row in rows if any(row.sums[place] for place in places)]
    events, *others = ([row.sums[place] for row in rows] for place in places)
    count = _sum(events)
    if reading.aggregate is Aggregate.count or not others:
        return _counted(count, count, None, covered=covered)
    return _in_one_currency(reading, rows, _folded(reading.aggregate, count, others), count, covered=covered)


def _folded(aggregate: Aggregate, events: int, columns: Sequence[Iterable[int | None]]) -> int | float | None:
    if aggregate is Aggregate.sum:
        return _sum(columns[0])
    if events <= 0:
        return None
    if aggregate is Aggregate.mean:
        return _sum(columns[0]) / events
    if aggregate is Aggregate.variance:
        total, high, low = map(_sum, columns)
        return variance(events, total, high, low)
    present = [value for value in columns[0] if value is not None]
    return (min if aggregate is Aggregate.min else max)(present, default=None)


def _of_histogram(reading: MeasureReading, rows: Sequence[Row], covered: bool) -> Measured:
    del covered
    present = [row for row in rows if row.sums[0]]
    counts = [(row.extra or 0, row.sums[0] or 0) for row in present]
    value = quantile(counts, reading.quantile or 0.5)
    return _in_one_currency(reading, present, value, sum(count for _, count in counts), covered=False)


def _of_keys(reading: MeasureReading, rows: Sequence[Row], covered: bool) -> Measured:
    depth = _depth(rows)
    keys, bounds = estimated(_sum(row.sums[_OF_KEYS[reading.aggregate]] for row in rows), depth)
    return _counted(keys, _sum(row.sums[1] for row in rows) << depth, bounds, covered=covered)


def _of_level(reading: MeasureReading, rows: Sequence[Row], covered: bool) -> Measured:
    place = _OF_LEVELS[reading.aggregate]
    moved = [row for row in rows if row.sums[place]]
    return _in_one_currency(reading, moved, _sum(row.sums[place] for row in moved), None, covered=covered)


def _of_one_event(reading: MeasureReading, rows: Sequence[Row], covered: bool) -> Measured:
    del covered
    present = [row for row in rows if row.sums[3]]
    if not present:
        return Measured(None, 0, reason=Reason.no_data)
    chosen = (min if reading.aggregate is Aggregate.first else max)(present, key=_moment)
    return _in_one_currency(reading, [chosen], chosen.sums[2], _sum(row.sums[3] for row in present), covered=False)


def _moment(row: Row) -> tuple[int, ...]:
    """By what events are ordered: time, tie, value."""
    return tuple(part or 0 for part in row.sums[:3])


def _of_latest(reading: MeasureReading, rows: Sequence[Row], covered: bool) -> Measured:
    depth = _depth(rows)
    present = [row for row in rows if row.sums[1]]
    total, _, events, squares = (_sum(row.sums[place] for row in present) for place in range(4))
    value, bounds = estimated_sum(total, squares, depth)
    return _in_one_currency(reading, present, value, events << depth, bounds, covered=covered)


def _depth(rows: Sequence[Row]) -> int:
    return max((row.depth for row in rows), default=0)


def _sum(values: Iterable[int | None]) -> int:
    return sum(value for value in values if value is not None)


def _counted(value: int, events: int, bounds: Bounds | None, *, covered: bool) -> Measured:
    if not value and not events and not covered:
        return Measured(None, 0, reason=Reason.no_data)
    return Measured(value, events, bounds=bounds)


def _in_one_currency(
    reading: MeasureReading,
    rows: Sequence[Row],
    value: float | None,
    events: int | None,
    bounds: Bounds | None = None,
    *,
    covered: bool,
) -> Measured:
    currency = None
    if reading.money:
        try:
            currency = common(row.currency for row in rows)
        except MixedCurrencies:
            return Measured(None, events, reason=Reason.no_rate)
    if value is None or not (rows or (covered and reading.aggregate in ZERO_WHEN_EMPTY)):
        return Measured(None, events, reason=Reason.no_data)
    if reading.scale:
        # A variance has the square of its value's unit.
        unit = 10 ** (reading.scale * (2 if reading.aggregate is Aggregate.variance else 1))
        value, bounds = value / unit, bounds and (bounds[0] / unit, bounds[1] / unit)
    return Measured(value, events, currency, bounds=bounds)


_BY_FAMILY: dict[Family, Callable[[MeasureReading, Sequence[Row], bool], Measured]] = {
    Family.histogram: _of_histogram,
    Family.keys: _of_keys,
    Family.level: _of_level,
    Family.first: _of_one_event,
    Family.last: _of_one_event,
    Family.latest: _of_latest,
}
