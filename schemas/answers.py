"""A value as the api gives it: the number, and everything that says what it is. Times are RFC 3339 in UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Reason = Literal["no_data", "division_by_zero", "not_comparable", "no_rate", "no_target", "not_served", "folded"]
Status = Literal["no_data", "too_early", "on_track", "at_risk", "off_track", "met", "not_met"]


class ValueModel(BaseModel):
    """Base of the parts of a value: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Bounds(ValueModel):
    """Between what the true value lies, where a sample answers."""

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
    window: ValueWindow
    dimensions: dict[str, str | None] = Field(examples=[{"team": "north"}])
    events: int | None = Field(examples=[1234], description="contributions it is made of; null for a level")
    bounds: Bounds | None = None
    open_share: float = Field(0.0, description="the share of entities in the window that may still change")
    watermark: str | None = Field(
        examples=["2026-11-22T14:48:31.120Z"], description="all that happened before is in; null: not all sources heard"
    )
    completeness: float = Field(examples=[0.81], ge=0, le=1)
    state: Literal["provisional", "final", "restated"] = Field(examples=["provisional"])
    revision: int = Field(examples=[1], ge=1)
    definition_version: str = Field(examples=["6f1c09ab42de"])
    target: float | TargetRange | None = Field(examples=[300])
    attainment: float | None = Field(examples=[0.96])
    status: Status | None = Field(examples=["at_risk"])
    direction: Literal["up", "down", "none"] = Field(examples=["down"])
    previous: float | int | None = Field(examples=[298.0], description="the value of the window before")
    change: float | int | None = Field(examples=[14.4])
    trend: Trend | None = None
    as_of: str = Field(examples=["2026-11-22T14:48:33.004Z"])
    lag_seconds: float | None = Field(examples=[1.9], description="how far the watermark is behind `as_of`")
    stale: bool = Field(False, description="whether the api is itself behind what has been computed")
