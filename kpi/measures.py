"""From the sums of panes to the results of measures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi.histogram import quantile
from kpi.money import MixedCurrencies, common
from kpi.plan import MeasureReading
from kpi.reading import Row
from kpi.reasons import Reason
from schemas.kpis import Aggregate

ZERO_WHEN_EMPTY = frozenset({Aggregate.count, Aggregate.sum, Aggregate.distinct, Aggregate.level})


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure's result; `reason` where there is none. Money is in minor units of `currency`.

    `events`: how many contributions it is of; None for levels, whose rows are changes.
    """

    value: int | float | None
    events: int | None
    currency: str | None = None
    reason: Reason | None = None


def columns_of(reading: MeasureReading) -> tuple[str, ...]:
    """The columns that the measure needs, its count first."""
    return (reading.count,) if reading.value is None else (reading.count, reading.value)


def measured(reading: MeasureReading, rows: Sequence[Row], columns: Sequence[str], *, covered: bool) -> Measured:
    """The result over `rows`, all of one window and one combination of dimensions. `columns` name their sums.

    `covered`: whether nothing counts as zero. A mean, an extreme or a quantile of nothing is never a number.
    """
    aggregate = reading.aggregate
    if aggregate is Aggregate.quantile:
        return _quantile(reading, rows)
    if aggregate is Aggregate.distinct:
        keys, events = (sum(row.sums[place] or 0 for row in rows) for place in (0, 1))
        return _counted(keys, events, covered=covered)
    if aggregate is Aggregate.level:
        moved = [row for row in rows if row.sums[0]]
        return _in_one_currency(reading, moved, sum(row.sums[0] or 0 for row in moved), None, covered=covered)
    counts = columns.index(reading.count)
    rows = [row for row in rows if row.sums[counts] or (reading.value and row.sums[columns.index(reading.value)])]
    events = sum(row.sums[counts] or 0 for row in rows)
    if aggregate is Aggregate.count or reading.value is None:
        return _counted(events, events, covered=covered)
    values = [row.sums[columns.index(reading.value)] for row in rows]
    return _in_one_currency(reading, rows, _folded(aggregate, values, events), events, covered=covered)


def _folded(aggregate: Aggregate, values: Iterable[int | None], events: int) -> int | float | None:
    present = [value for value in values if value is not None]
    if aggregate is Aggregate.sum:
        return sum(present)
    if events <= 0:
        return None
    if aggregate is Aggregate.mean:
        return sum(present) / events
    return (min if aggregate is Aggregate.min else max)(present, default=None)


def _quantile(reading: MeasureReading, rows: Sequence[Row]) -> Measured:
    present = [row for row in rows if row.sums[0]]
    events = sum(row.sums[0] or 0 for row in present)
    counts = ((row.extra or 0, row.sums[0] or 0) for row in present)
    value = quantile(counts, reading.quantile or 0.5)
    return _in_one_currency(reading, present, value, events, covered=False)


def _counted(value: int, events: int, *, covered: bool) -> Measured:
    if not value and not events and not covered:
        return Measured(None, 0, reason=Reason.no_data)
    return Measured(value, events)


def _in_one_currency(
    reading: MeasureReading, rows: Sequence[Row], value: float | None, events: int | None, *, covered: bool
) -> Measured:
    currency = None
    if reading.money:
        try:
            currency = common(row.currency for row in rows)
        except MixedCurrencies:
            return Measured(None, events, reason=Reason.no_rate)
    if value is None or not (rows or (covered and reading.aggregate in ZERO_WHEN_EMPTY)):
        return Measured(None, events, reason=Reason.no_data)
    return Measured(value / 10**reading.scale if reading.scale else value, events, currency)
