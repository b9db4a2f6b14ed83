"""What a KPI declares, and the catalogue that holds all declarations."""

from enum import Enum
from typing import Any, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from schemas.calendars import Calendar
from schemas.declarations import Declaration, FieldName, Sql, StreamName, if_said
from schemas.durations import Duration
from schemas.entities import Entity, NamedTarget, TargetValue
from schemas.examples import Example
from schemas.objectives import Objective
from schemas.recorded import as_recorded
from schemas.streams import Stream


class Aggregate(Enum):
    """How contributions merge.

    count, sum, mean, variance (of the population), min, max: columns of one row. first, last: the value of the earliest
    or latest event. quantile: a base-2 exponential histogram. distinct, repeaters, overlap: counts per key; the keys of
    the window, those counted at least twice in it, and those of the window that the one before has as well. latest:
    the sum, over keys, of the value of each key's latest event. level: change edges, read as the level at the end of
    the window; integral: the same edges, read as level x milliseconds over the window; lost: the same edges by key,
    read as the level at the window's start of the keys that have none at its end. least: of all that a level is made
    of at the window's end, the least value.
    """

    count = "count"
    sum = "sum"
    mean = "mean"
    variance = "variance"
    min = "min"
    max = "max"
    first = "first"
    last = "last"
    quantile = "quantile"
    distinct = "distinct"
    repeaters = "repeaters"
    overlap = "overlap"
    latest = "latest"
    level = "level"
    integral = "integral"
    lost = "lost"
    least = "least"


Serving = Literal["rolling", "to_date", "complete", "at_end", "now"]
"""Which windows a KPI is served for. rolling; to_date: tumbling and calendar windows that are not over; complete: those
that are. at_end: all of them, for what states how things are at a window's end; now: those that hold the moment at
which one asks.
"""


Direction = Literal["up", "down", "none", "by type"]
"""Where a KPI should go. by type: for some values of a dimension up, for others down."""


class Measure(Declaration):
    """One mergeable aggregate of contributions, with an optional filter.

    `from` is a stream (`web.click`) or an entity's contribution (`ticket.response`). `value` is an integer expression
    over the stream's fields (of a contribution: its own value); for distinct, repeaters and overlap, the expression
    whose values are counted. `key`: for latest and lost, the expression whose values are the keys; `by`: for
    latest, the integer that is greater for what is later, the time where nothing is said. The result is
    divided by 10^scale (3 turns milliseconds into seconds; a variance by its square). `currency` names the field that
    holds it, for money. `window: previous` reads the window before the one that is asked for, `window: ever`
    everything up to its end. `whole`: read without the dimensions of the KPI that its source lacks, the same for all
    their values.
    """

    from_: str = Field(alias="from")
    aggregate: Aggregate
    value: Sql | None = None
    key: Sql | None = None
    by: Sql | None = if_said(None)
    where: Sql | None = None
    window: Literal["this", "previous", "ever"] = "this"
    quantile: float | None = Field(None, gt=0, lt=1)
    scale: int = Field(0, ge=0, le=9)
    currency: Sql | None = None
    whole: bool = if_said(False)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.aggregate is Aggregate.quantile) != (self.quantile is not None):
            raise ValueError("quantile goes with aggregate: quantile, such as quantile: 0.95")
        if (self.aggregate in (Aggregate.latest, Aggregate.lost)) != (self.key is not None):
            raise ValueError("key goes with aggregate: latest or lost, such as key: respondent_id")
        if self.by is not None and self.aggregate is not Aggregate.latest:
            raise ValueError("by goes with aggregate: latest, such as by: version")
        return self


class Comparison(Declaration):
    """The value of a KPI, which `uses` names too, in an earlier window; nothing where that is not comparable.

    `ago`: `previous` is the window before; the others are the same period a week, a month or a year ago, for windows
    that are no longer than that. `period`: by the name of a calendar window the one that every later one of that name
    is compared with, such as `{month: 2025-01, quarter: 2025-Q1}`. What is not over is compared up to the same elapsed
    time.
    """

    of: FieldName
    ago: Literal["previous", "week", "month", "year"] | None = None
    period: dict[Literal["day", "week", "month", "quarter", "year"], str] = if_said({})

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.ago is None) != bool(self.period):
            raise ValueError("a comparison has either ago, or period, such as period: {month: 2025-01}")
        return self

    @property
    def step(self) -> Literal["previous", "week", "month", "year"] | dict[str, str]:
        """How far back, or the period by the name of a window."""
        return self.ago or {str(name): period for name, period in self.period.items()}


class Members(Declaration):
    """What is computed for each combination of values of the dimensions `of` by itself, and then added up.

    `sums`: by new names, expressions over measures and used KPIs of one member; null adds nothing. They are all that
    the KPI's own formulas name of these. Whoever has no value of these dimensions is no member.
    """

    of: tuple[FieldName, ...] = Field(min_length=1)
    sums: dict[FieldName, Sql] = Field(min_length=1)


class Windows(Declaration):
    """The windows of a KPI, by name."""

    rolling: tuple[str, ...] = ()
    tumbling: tuple[str, ...] = ()
    calendar: tuple[Literal["day", "week", "month", "quarter", "year"], ...] = ()

    def names(self) -> tuple[str, ...]:
        """All window names, in declared order."""
        return (*self.rolling, *self.tumbling, *self.calendar)


class Alert(Declaration):
    """What Prometheus watches for, and the dimensions that become labels."""

    labels: tuple[FieldName, ...] = ()
    when: tuple[Literal["over_target", "trend"], ...] = ("over_target",)
    window: str | None = Field(None, description="the window watched; by default the first declared")
    for_: Duration = Field(600_000, alias="for")
    severity: Literal["info", "warning", "critical"] = "warning"


class Kpi(Declaration):
    """A formula over measures and other KPIs, with all that people need to read the number.

    Formulas may also name `elapsed`, the seconds of the window that have passed, `ends_at`, where these end in seconds
    of the epoch, and `periods_a_year`, how many such windows a year has.

    `direction` is the favourable one. With `by type`, `favourable` says it by the values of one dimension, such as
    `{account_type: {income: up, operating: down}}`; where none of these is asked for, there is none.
    """

    kpi: FieldName
    title: str
    sentence: str
    department: str
    unit: str
    direction: Direction
    favourable: dict[FieldName, dict[str, Literal["up", "down"]]] = if_said({})
    kind: Literal["leading", "lagging"]
    owner: str
    horizon: str | None = None
    feeds: FieldName | None = None
    drives: FieldName | None = None
    counters: tuple[FieldName, ...] = Field((), description="KPIs that show what it costs to improve this one")
    recorded: Literal["level", "total"] | None = Field(
        None,
        description="people record its values (kpi.value): how things are while they are valid, or how much there was "
        "in all, shared out by time",
    )
    measures: dict[FieldName, Measure] = {}
    uses: tuple[FieldName, ...] = Field((), description="other KPIs that the formula names")
    whole: tuple[FieldName, ...] = Field(
        (), description="those of them that are read without the dimensions that they lack, the same for every member"
    )
    compare: dict[FieldName, Comparison] = Field({}, description="used KPIs in earlier windows, by new names")
    members: Members | None = None
    parameters: dict[FieldName, FiniteFloat | None] = Field(
        {}, description="numbers that the formula names, set here; null: left open"
    )
    formula: Sql
    zero_means: Literal["no_target", "no_data"] | None = Field(
        None, description="the reason that goes with null where the formula divides by zero"
    )
    also: dict[FieldName, Sql] = {}
    flags: dict[FieldName, Sql] = Field({}, description="conditions that the answer names where they hold")
    dimensions: tuple[FieldName, ...] = ()
    windows: Windows
    serve: tuple[Serving, ...] = Field(
        (),
        description="for which of its windows it has values; by default for all: rolling, to date and complete",
    )
    reach: Duration = Field(0, description="the time-out after which nothing can change a contribution")
    posting_delay: Duration = 0
    minimum_volume: int = Field(0, ge=0)
    margin: float = Field(0.1, ge=0, le=1, description="how far on the wrong side still counts as at risk")
    targets: tuple[TargetValue, ...] = ()
    alert: Alert | None = None
    example: Example | None = None

    @model_validator(mode="before")
    @classmethod
    def _recorded(cls, value: Any) -> Any:
        return as_recorded(value) if isinstance(value, dict) and value.get("recorded") else value

    @model_validator(mode="after")
    def _direction(self) -> Self:
        if (self.direction == "by type") != bool(self.favourable) or len(self.favourable) > 1:
            raise ValueError(
                "direction: by type goes with favourable, which has one dimension, such as {account_type: {income: up}}"
            )
        return self

    @model_validator(mode="after")
    def _windows(self) -> Self:
        if not self.windows.names():
            raise ValueError("windows: declare at least one, such as {rolling: [5m], calendar: [day]}")
        return self


class Reporting(Declaration):
    """What holds for a whole catalogue.

    `rates`: the stream that says what other currencies are worth in `currency`: its fields are `currency`, `date` and
    `rate`, 10^-8 of `currency` for one whole unit. Money is then given in `currency`, each contribution at the rate of
    its UTC day or the last one of the seven days before it, and a level at that of the last day of what is read.
    """

    reporting: Literal["default"] = "default"
    zones: tuple[str, ...] = ("UTC",)
    currency: str | None = None
    rates: StreamName | None = if_said(None)
    first_month: int = Field(1, ge=1, le=12, description="with which years begin, and from which quarters are counted")
    most_groups: int = Field(
        50_000, ge=16, le=10_000_000, description="combinations of dimension values a task keeps in a group"
    )
    most_keys: int = Field(
        65_536, ge=16, le=10_000_000, description="keys counted one by one in a pane; beyond, a sample of them"
    )


class Catalogue(Declaration):
    """Every declaration that a service runs on, resolved and checked.

    `calendars`: of each all that was declared under its name, by the day from which on it counts.
    """

    streams: dict[str, Stream]
    entities: dict[str, Entity]
    targets: dict[str, NamedTarget]
    kpis: dict[str, Kpi]
    calendars: dict[str, tuple[Calendar, ...]] = {}
    objectives: dict[str, Objective] = {}
    reporting: Reporting = Reporting()
