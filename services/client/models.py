"""What the two HTTP services answer, as far as callers read it. Fields that a newer service adds are passed over."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue


class Answer(BaseModel):
    """Base of every answer: immutable, open to more fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ValueWindow(Answer):
    """The window that a value is of; `end` is exclusive."""

    name: str
    start: datetime
    end: datetime
    time_zone: str = "UTC"


class ValueTrend(Answer):
    """Where closed windows point. `p` is the probability of such a slope by chance."""

    verdict: str
    slope_per_hour: float | None = None
    p: float | None = None


class Bounds(Answer):
    """Between what the true value lies, where a sample answers."""

    low: float
    high: float


class Value(Answer):
    """One value of one KPI, with all that it needs to be read. `value` null always comes with a `reason`."""

    kpi: str
    value: float | None
    unit: str
    reason: str | None = None
    window: ValueWindow
    dimensions: dict[str, str] = {}
    events: int = 0
    bounds: JsonValue = None
    open_share: float = 0.0
    watermark: datetime | None = None
    completeness: float = 0.0
    state: Literal["provisional", "final", "restated"] = "provisional"
    revision: int = 1
    definition_version: str = ""
    target: JsonValue = None
    attainment: float | None = None
    status: str = "no_data"
    direction: str = "none"
    previous: float | None = None
    change: float | None = None
    trend: ValueTrend | None = None
    as_of: datetime | None = None
    lag_seconds: float | None = None
    value_minor: int | None = None
    currency: str | None = None


class Rejected(Answer):
    """An event that was not taken: its place in the request, why, and where in the event (a JSON pointer)."""

    index: int
    reason: str
    pointer: str = ""


class Accepted(Answer):
    """What became of the events of one request."""

    accepted: int
    rejected: tuple[Rejected, ...] = ()
    token: str | None = None


class Fault(Answer):
    """One thing that is wrong in a request."""

    pointer: str | None = None
    parameter: str | None = None
    reason: str = ""


class ProblemDocument(Answer):
    """An error answer (RFC 9457)."""

    type: str = ""
    title: str = ""
    status: int = 0
    detail: str = ""
    errors: tuple[Fault, ...] = ()
