"""From the sums of panes to the results of measures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi.aggregates.histogram import nearest_rank, quantile, representative
from kpi.aggregates.sampling import Bounds, estimated, estimated_sum
from kpi.aggregates.totals import variance
from kpi.formulas import Number
from kpi.money import MixedCurrencies, common
from kpi.plan import FAMILIES, Family, MeasureReading
from kpi.rates import UNIT, Worth
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
        Aggregate.lost,
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

    value: Number | None
    events: int | None
    currency: str | None = None
    reason: Reason | None = None
    bounds: Bounds | None = None


def columns_of(reading: MeasureReading) -> tuple[str, ...]:
    """The columns that the measure needs, its count first."""
    return (reading.count, *((reading.value,) if reading.value is not None else ()), *reading.squares)


def measured(
    reading: MeasureReading,
    rows: Sequence[Row],
    columns: Sequence[str],
    *,
    covered: bool,
    worth: Worth | None = None,
) -> Measured:
    """The result over `rows`, all of one window and one combination of dimensions. `columns` name their sums.

    `covered`: whether nothing counts as zero. A mean, an extreme or a quantile of nothing is never a number. `worth`:
    by what money is converted, to fractions that nothing has been rounded of; None: it is left as it is.
    """
    family = FAMILIES.get(reading.aggregate, Family.totals)
    worth = worth if reading.money else None
    if family is Family.totals:
        return _of_totals(reading, rows, columns, worth, covered=covered)
    return _BY_FAMILY[family](reading, rows, worth, covered)


def _of_totals(
    reading: MeasureReading, rows: Sequence[Row], columns: Sequence[str], worth: Worth | None, *, covered: bool
) -> Measured:
    places = [columns.index(name) for name in columns_of(reading)]
    rows = [row for row in rows if any(row.sums[place] for place in places)]
    events, *others = ([row.sums[place] for row in rows] for place in places)
    count = _sum(events)
    if reading.aggregate is Aggregate.count or not others:
        return _counted(count, count, None, covered=covered)
    if worth is not None:
        weights = worth.weights(row.currency for row in rows)
        if weights is None:
            return _without_rate(count)
        first, *squares = others
        others = [_weighed(first, weights), *(_weighed(each, [w * w for w in weights]) for each in squares)]
    value = _folded(reading.aggregate, count, others, exact=worth is not None)
    return _in_one_currency(reading, rows, value, count, covered=covered, worth=worth)


def _weighed(values: Iterable[int | None], weights: Sequence[int]) -> list[int | None]:
    return [None if value is None else value * weight for value, weight in zip(values, weights, strict=True)]


def _folded(
    aggregate: Aggregate, events: int, columns: Sequence[Iterable[int | None]], *, exact: bool
) -> Number | None:
    if aggregate is Aggregate.sum:
        return _sum(columns[0])
    if events <= 0:
        return None
    if aggregate is Aggregate.mean:
        return Fraction(_sum(columns[0]), events) if exact else _sum(columns[0]) / events
    if aggregate is Aggregate.variance:
        total, high, low = map(_sum, columns)
        return variance(events, total, high, low)
    present = [value for value in columns[0] if value is not None]
    return (min if aggregate is Aggregate.min else max)(present, default=None)


def _of_histogram(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    del covered
    present = [row for row in rows if row.sums[0]]
    counts = [(row.extra or 0, row.sums[0] or 0) for row in present]
    events, wanted = sum(count for _, count in counts), reading.quantile or 0.5
    if worth is None:
        return _in_one_currency(reading, present, quantile(counts, wanted), events, covered=False)
    weights = worth.weights(row.currency for row in present)
    if weights is None:
        return _without_rate(events)
    # What lies in one bucket of one currency lies elsewhere in another's, as far from what stands for it as before.
    amounts = [(representative(bucket) * w, count) for (bucket, count), w in zip(counts, weights, strict=True)]
    return _in_one_currency(reading, present, nearest_rank(amounts, wanted), events, covered=False, worth=worth)


def _of_keys(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    del worth
    depth = _depth(rows)
    keys, bounds = estimated(_sum(row.sums[_OF_KEYS[reading.aggregate]] for row in rows), depth)
    return _counted(keys, _sum(row.sums[1] for row in rows) << depth, bounds, covered=covered)


def _of_level(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    if reading.aggregate is Aggregate.least:
        held = [row.sums[0] for row in rows if row.sums[1] and row.sums[0] is not None]
        return _in_one_currency(reading, rows, min(held, default=None), None, covered=False)
    place = _OF_LEVELS[reading.aggregate]
    moved = [row for row in rows if row.sums[place]]
    weights = _weights(moved, worth)
    if weights is None:
        return _without_rate(None)
    value = _sum(_weighed((row.sums[place] for row in moved), weights))
    return _in_one_currency(reading, moved, value, None, covered=covered, worth=worth)


def _of_one_event(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    del covered
    present = [row for row in rows if row.sums[3]]
    if not present:
        return Measured(None, 0, reason=Reason.no_data)
    chosen = (min if reading.aggregate is Aggregate.first else max)(present, key=_moment)
    events, weights = _sum(row.sums[3] for row in present), _weights([chosen], worth)
    if weights is None:
        return _without_rate(events)
    value = (chosen.sums[2] or 0) * weights[0]
    return _in_one_currency(reading, [chosen], value, events, covered=False, worth=worth)


def _moment(row: Row) -> tuple[int, ...]:
    """By what events are ordered: time, tie, value."""
    return tuple(part or 0 for part in row.sums[:3])


def _of_latest(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    depth = _depth(rows)
    present = [row for row in rows if row.sums[1]]
    events, weights = _sum(row.sums[2] for row in present), _weights(present, worth)
    if weights is None:
        return _without_rate(events << depth)
    value, bounds = _estimated(present, weights, depth)
    return _in_one_currency(reading, present, value, events << depth, bounds, covered=covered, worth=worth)


def _weights(rows: Sequence[Row], worth: Worth | None) -> list[int] | None:
    """By what the values of each row are multiplied; None where one has no rate."""
    return [1] * len(rows) if worth is None else worth.weights(row.currency for row in rows)


def _without_rate(events: int | None) -> Measured:
    return Measured(None, events, reason=Reason.no_rate)


def _of_held(reading: MeasureReading, rows: Sequence[Row], worth: Worth | None, covered: bool) -> Measured:
    present = [row for row in rows if row.sums[1]]
    weights = _weights(present, worth)
    if weights is None:
        return _without_rate(None)
    value, bounds = _estimated(present, weights, _depth(rows))
    return _in_one_currency(reading, present, value, None, bounds, covered=covered, worth=worth)


def _estimated(rows: Sequence[Row], weights: Sequence[int], depth: int) -> tuple[int, Bounds | None]:
    """The sum of what each key has, of all keys, and between what it lies where they are a sample."""
    total = _sum(_weighed((row.sums[0] for row in rows), weights))
    squares = _sum(_weighed((row.sums[3] for row in rows), [weight * weight for weight in weights]))
    return estimated_sum(total, squares, depth)


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
    value: Number | None,
    events: int | None,
    bounds: Bounds | None = None,
    *,
    covered: bool,
    worth: Worth | None = None,
) -> Measured:
    """`worth`: by what `value` and `bounds` have been weighed, so that they are in its units."""
    currency = None if worth is None else worth.rates.reporting
    if reading.money and worth is None:
        try:
            currency = common(row.currency for row in rows)
        except MixedCurrencies:
            return _without_rate(events)
    if value is None or not (rows or (covered and reading.aggregate in ZERO_WHEN_EMPTY)):
        return Measured(None, events, reason=Reason.no_data)
    # A variance has the square of its value's unit.
    power = 2 if reading.aggregate is Aggregate.variance else 1
    if worth is not None:
        value = value / UNIT**power if isinstance(value, float) else Fraction(value, UNIT**power)
        bounds = bounds and (bounds[0] / UNIT, bounds[1] / UNIT)
    if reading.scale:
        unit = 10 ** (reading.scale * power)
        value, bounds = value / unit, bounds and (bounds[0] / unit, bounds[1] / unit)
    return Measured(value, events, currency, bounds=bounds)


_BY_FAMILY: dict[Family, Callable[[MeasureReading, Sequence[Row], Worth | None, bool], Measured]] = {
    Family.histogram: _of_histogram,
    Family.keys: _of_keys,
    Family.level: _of_level,
    Family.first: _of_one_event,
    Family.last: _of_one_event,
    Family.latest: _of_latest,
    Family.held: _of_held,
}
