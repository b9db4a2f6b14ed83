"""A value as the api gives it: the number, and everything that says what it is. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Reason = Literal[
    "no_data",
    "division_by_zero",
    "not_comparable",
    "no_rate",
    "no_target",
    "not_served",
    "before_start",
    "folded",
]
StatusName = Literal["no_data", "too_early", "on_track", "at_risk", "off_track", "met", "not_met"]


class ValueModel(BaseModel):
    """Base of every answer: immutable; what a newer service adds is passed over by who reads it."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ValueWindow(ValueModel):
    """The span [start, end) that a value is of, and the zone that decides where calendar windows begin."""

    name: str = Field(examples=["1h"])
    start: str = Field(examples=["2026-11-22T14:00:00Z"])
    end: str = Field(examples=["2026-11-22T15:00:00Z"])
    time_zone: str = Field(examples=["UTC"])


class TargetRange(ValueModel):
    """A target that is a range; an absent bound is open."""

    min: float | None
    max: float | None


class TargetSource(ValueModel):
    """Where a target is from: the catalogue, or what somebody recorded (`kpi record`), with who did, when and why."""

    origin: Literal["catalogue", "recorded"]
    where: dict[str, str] = Field({}, examples=[{"team": "north"}], description="the part that it is for; empty: all")
    window: str | None = Field(None, description="the windows that it is for; null: all")
    since: str = Field(examples=["2026-01-01"], description="the first day on which it holds")
    review: str | None = Field(None, examples=["2026-12-31"], description="the day on which it is to be reviewed")
    example: bool = Field(False, description="shipped to show how; nobody has set it as a goal")
    total: float | None = Field(
        None, description="what was recorded for all days up to `review`, where `target` is the window's share of it"
    )
    entry: str | None = Field(None, description="the id of what was recorded")
    author: str | None = None
    reason: str | None = None
    entered: str | None = Field(None, examples=["2026-04-02T09:00:00Z"])


class Annotation(ValueModel):
    """What somebody noted of a KPI (`kpi annotate`): that something happened, or what is done about it (an action)."""

    kind: Literal["annotation", "action"]
    kpi: str
    where: dict[str, str] = Field({}, examples=[{"team": "north"}], description="the part that it is about; empty: all")
    first_day: str = Field(examples=["2026-04-01"])
    last_day: str | None = Field(None, description="null: the first day alone; of an action: it goes on")
    text: str
    cause: str | None = None
    owner: str | None = Field(None, description="who does it, of an action")
    expected_effect: str | None = None
    author: str
    entered: str = Field(examples=["2026-04-02T09:00:00Z"])
    entry: str = Field(description="the id of what was recorded")


class AnnotationList(ValueModel):
    """What was noted, in the order of the first days."""

    annotations: tuple[Annotation, ...]


class Bounds(ValueModel):
    """Between what the true value lies in 95 % of all cases, where a sample of keys answers for all of them."""

    low: float
    high: float


class Trend(ValueModel):
    """Where closed windows point. `p` is the probability of such a slope by chance."""

    verdict: Literal["better", "worse", "flat"]
    slope_per_hour: float
    p: float


class Value(ValueModel):
    """One value of a KPI. A null `value` always has a `reason`; `status` is null without a target to judge by."""

    kpi: str = Field(examples=["average_response_time"])
    value: float | int | None = Field(examples=[312.4], description="in `unit`; money in major units of `currency`")
    unit: str = Field(examples=["seconds"])
    reason: Reason | None = Field(examples=[None], description="why there is no value")
    value_minor: int | None = Field(None, description="money: the exact amount in minor units")
    currency: str | None = Field(None, examples=[None], description="money: ISO 4217")
    also: dict[str, float | int | None] = Field({}, description="further results of the same KPI, by name")
    flags: tuple[str, ...] = Field((), description="the conditions that the KPI declares and that hold, by name")
    window: ValueWindow
    dimensions: dict[str, str | None] = Field(examples=[{"team": "north"}])
    events: int | None = Field(examples=[1234], description="contributions it is made of; null for a level")
    bounds: Bounds | None = Field(
        None, description="where a sample answers, as keys were too many to be counted one by one; null: exact"
    )
    open_share: float | None = Field(
        None, description="the share of entities in the window that may still change; null: none are read, or not known"
    )
    watermark: str | None = Field(
        examples=["2026-11-22T14:48:31.120Z"], description="all that happened before is in; null: not all sources heard"
    )
    completeness: float = Field(examples=[0.81], ge=0, le=1)
    state: Literal["provisional", "final", "restated"] = Field(examples=["provisional"])
    revision: int = Field(examples=[1], ge=1)
    definition_version: str = Field(examples=["6f1c09ab42de"])
    target: float | TargetRange | None = Field(examples=[300])
    target_source: TargetSource | None = Field(None, description="where the target is from")
    attainment: float | None = Field(examples=[0.96])
    status: StatusName | None = Field(examples=["at_risk"])
    direction: Literal["up", "down", "none"] = Field(examples=["down"])
    previous: float | int | None = Field(examples=[298.0], description="the value of the window before")
    change: float | int | None = Field(examples=[14.4])
    trend: Trend | None = None
    as_of: str = Field(examples=["2026-11-22T14:48:33.004Z"])
    lag_seconds: float | None = Field(examples=[1.9], description="how far the watermark is behind `as_of`")
    stale: bool = Field(False, description="whether the api is itself behind what has been computed")
    annotations: tuple[Annotation, ...] = Field((), description="what people noted of days of the window")


class ValueList(ValueModel):
    """Several values, all of one state of the panes."""

    values: tuple[Value, ...]


class SeriesPoint(ValueModel):
    """The value of one of several windows side by side."""

    start: str
    end: str
    value: float | int | None
    reason: Reason | None
    events: int | None
    state: Literal["provisional", "final", "restated"]


class Series(ValueModel):
    """Values of windows side by side, in order of time; the last one may still be running."""

    kpi: str
    unit: str
    currency: str | None
    window: str
    dimensions: dict[str, str | None]
    points: tuple[SeriesPoint, ...]
    annotations: tuple[Annotation, ...] = Field((), description="what people noted of any of these days")


class KpiSummary(ValueModel):
    """A KPI in the list of those that are served. `dimensions`: those it can be broken down by."""

    kpi: str
    title: str
    sentence: str
    department: str
    unit: str
    direction: Literal["up", "down", "none", "by type"]
    kind: Literal["leading", "lagging"]
    owner: str
    dimensions: tuple[str, ...]
    windows: tuple[str, ...] = Field(description="the first is the one answered where none is asked for")
    definition_version: str


class KpiList(ValueModel):
    """KPIs that are served, in the catalogue's order."""

    kpis: tuple[KpiSummary, ...]
    next: str | None = Field(None, description="the cursor of the next page; null: this is the last")


class KpiDetail(KpiSummary):
    """A KPI with all that it declares, as in the catalogue."""

    declaration: dict[str, JsonValue]


class TopicStatus(ValueModel):
    """Where a task stands in one topic partition. `consumed` is counted as records are read, apart from `fates`.

    It balances where `consumed` is the sum of `fates` and `marks`, and no more records were read than there were
    offsets. The records of a re-keyed topic are copies, counted where they come from as well; only those have `marks`.
    """

    topic: str
    partition: int
    position: int = Field(description="the next offset to read")
    end: int = Field(description="the log's end when it was last seen")
    lag_records: int
    lag_seconds: float | None = Field(description="age of the last record read, while more wait")
    watermark: str | None
    fates: dict[str, int] = Field(examples=[{"aggregated": 950, "duplicate": 30, "invalid": 0, "late": 20}])
    consumed: int = Field(description="records read, marks included")
    balanced: bool = Field(description="whether every record read ended under one fate, or is a mark")
    lost: int = Field(0, description="offsets that retention took away before they were read")
    marks: int | None = Field(None, description="records that only say how far an origin is; they have no fate")
    unknown_fields: int
    conflicting: int = Field(0, description="duplicates whose content is not that of the first")


class WorkStatus(ValueModel):
    """How the work on a task goes; counts are of its whole life."""

    flush_seconds: float = Field(description="how long the flush before the last took to be confirmed")
    recovery_seconds: float = Field(description="how long the last take-over took")
    take_overs: int = Field(description="how often a worker took it over")
    fencings: int = Field(description="how often an owner found itself shut out and came back")


class TaskStatus(ValueModel):
    """The last flush of a task, `at` by the writer's clock."""

    task: str
    incarnation: str
    flush: int
    at: str
    entities: int
    work: WorkStatus
    topics: tuple[TopicStatus, ...]


class ViewStatus(ValueModel):
    """How far this api is behind the panes topic. `staleness_seconds`: since it was known to hold everything."""

    recovered: bool
    stale: bool
    lag_records: int
    staleness_seconds: float | None
    trouble: str | None


class CoverageStatus(ValueModel):
    """A KPI that is not counted from the beginning: windows that begin before `since` have no value."""

    kpi: str
    since: str | None = Field(description="null: no window has a value before a rebuild")
    rebuild: bool = Field(description="whether it waits for `kpi rebuild`")


class Status(ValueModel):
    """How far every part of the pipeline is, and where its records ended."""

    as_of: str
    view: ViewStatus
    balanced: bool = Field(description="whether the books balance in every topic partition")
    tasks: tuple[TaskStatus, ...]
    missing_tasks: tuple[str, ...] = Field(description="tasks that have not flushed yet")
    coverage: tuple[CoverageStatus, ...] = Field((), description="the KPIs that are not counted from the beginning")
    catalogue: str = Field("", examples=["6f1c09ab42de"], description="a digest of what the api takes tasks to count")
    other_catalogues: dict[str, tuple[str, ...]] = Field(
        {}, description="by digest the tasks that count by another catalogue than the api's"
    )
