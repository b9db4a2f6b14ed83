"""What is computed: units of ownership, measure groups and their columns."""

from dataclasses import dataclass, field
from enum import StrEnum

from kpi.units import Unit
from schemas.kpis import Aggregate

CURRENCY = "currency"
"""The hidden dimension of every group that holds money."""

HELD = "__held"
"""The hidden dimension of levels that are kept apart by the value of what is held; then they count it."""


class Family(StrEnum):
    """What one row of a group stands for, beside pane and dimension values: nothing more, a histogram bucket, a
    key, an edge sum, the earliest or the latest event, a key's latest event, a key's edge sum.
    """

    totals = "totals"
    histogram = "histogram"
    keys = "keys"
    level = "level"
    first = "first"
    last = "last"
    latest = "latest"
    held = "held"


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

    `source` is a stream, or `<stream>.<contribution>`, of which `part` is the contribution, or
    `<entity>.<contribution>`, of which `entity` is the name. `dated`: a part that may stand at other moments than its
    events. `extra` is the expression
    behind the additional key: the bucketed value of a histogram, the counted one of keys, the key of latest and held;
    `by`, the one that says which of a key's is the latest.

    `is_of_arrivals`: what became of records, which stands at their arrival.

    `daily`: where money is converted, the currency that it is converted to. What is of any other is kept with its UTC
    day beside the currency, counted from 1970-01-01: `USD 20514`.

    Columns of totals are named by what they compute. histogram and keys: `n`, the number of contributions. level: `s0`
    (sum of changes) and `s1` (sum of change x milliseconds since the pane's start). held: `change`, the same sum.
    first, last and latest: `time` and `value` of the event that is the first or the last, `tie` between events of one
    time, and `n`, the number of events.
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
    # Groups without these keep the text that a catalogue's digest is made of.
    part: str | None = field(default=None, repr=False)
    dated: bool = field(default=False, repr=False)
    daily: str | None = field(default=None, repr=False)
    is_of_arrivals: bool = field(default=False, repr=False)
    # It is part of the id.
    by: str | None = field(default=None, repr=False)

    @property
    def is_by_value(self) -> bool:
        """Whether a level counts what is held, by its value."""
        return HELD in self.dimensions

    @property
    def is_contributed(self) -> bool:
        """Whether what it is made of has a `value` and a `currency` of its own; the fields of a record otherwise."""
        return self.entity is not None or self.part is not None


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
    """Everything that follows from a catalogue. `readings` is by (KPI, measure).

    `catalogue`: a digest of all declarations that tasks depend on. `rates`: the group of all rates that were said,
    where money is converted; see `kpi.rates`.
    """

    units: dict[str, Unit]
    groups: dict[str, Group]
    readings: dict[tuple[str, str], MeasureReading]
    catalogue: str
    rates: str | None = None

    def owner(self, stream: str) -> Unit:
        """The unit that takes the stream's own records."""
        return next(unit for unit in self.units.values() if stream in unit.streams and not unit.is_second_hop)

    def groups_of(self, kpi: str) -> tuple[Group, ...]:
        """The groups that the KPI's own measures read, each once."""
        return tuple(
            {r.group: self.groups[r.group] for (owner, _), r in self.readings.items() if owner == kpi}.values()
        )


FAMILIES = {
    Aggregate.quantile: Family.histogram,
    Aggregate.distinct: Family.keys,
    Aggregate.repeaters: Family.keys,
    Aggregate.overlap: Family.keys,
    Aggregate.level: Family.level,
    Aggregate.integral: Family.level,
    Aggregate.least: Family.level,
    Aggregate.first: Family.first,
    Aggregate.last: Family.last,
    Aggregate.latest: Family.latest,
    Aggregate.lost: Family.held,
}
"""The family of an aggregate; every other one stands in totals."""

COUNTS = frozenset({Aggregate.count, Aggregate.distinct, Aggregate.repeaters, Aggregate.overlap})
"""Aggregates that count, whatever the value's unit."""
