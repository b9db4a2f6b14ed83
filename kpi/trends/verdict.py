"""Whether a KPI gets better or worse, by the direction that is favourable for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kpi.grains import HOUR
from kpi.targets import Direction
from kpi.trends.points import Point, usable
from kpi.trends.significance import mann_kendall
from kpi.trends.slope import theil_sen

SIGNIFICANCE = 0.05


class Verdict(StrEnum):
    """flat: no slope, or none that chance would not give as well."""

    better = "better"
    worse = "worse"
    flat = "flat"


@dataclass(frozen=True, slots=True)
class Trend:
    """Where closed windows point: `slope_per_hour` in the KPI's unit, `tau` from -1 to 1 (None where all are alike),
    `p` the probability of such a slope by chance. `verdict`: None where it has a slope that is neither good nor bad.
    """

    verdict: Verdict | None
    slope_per_hour: float
    tau: float | None
    p: float


def trend_of(points: Sequence[Point], direction: Direction, *, significance: float = SIGNIFICANCE) -> Trend | None:
    """The trend of the windows of one series that are closed and have a value; None for fewer than two of them.

    It is significant where `p` is less than `significance`. Four points or fewer never are at 0.05: of the 24 orders
    of four values, two are as steep as can be. Raises ValueError where two points start at once.
    """
    found = usable(points)
    slope = theil_sen([start / HOUR for start, _ in found], [value for _, value in found])
    if slope is None:
        return None
    monotony = mann_kendall([value for _, value in found])
    return Trend(_verdict(slope, monotony.p < significance, direction), slope, monotony.tau, monotony.p)


def _verdict(slope: float, significant: bool, direction: Direction) -> Verdict | None:
    if not significant or not slope:
        return Verdict.flat
    if direction == "none":
        return None
    return Verdict.better if (slope > 0) == (direction == "up") else Verdict.worse
