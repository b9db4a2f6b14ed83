"""Targets: which one is in force, and how a value stands to it."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Literal

from schemas.entities import TargetValue
from schemas.kpis import Kpi

Direction = Literal["up", "down", "none"]


def direction_of(kpi: Kpi, dimensions: Mapping[str, str | None]) -> Direction:
    """The favourable direction for these dimension values; none where it depends on one that is not asked for."""
    if kpi.direction != "by type":
        return kpi.direction
    for name, directions in kpi.favourable.items():
        return directions.get(dimensions.get(name) or "", "none")
    return "none"


def target_in_force(
    targets: Sequence[TargetValue], dimensions: Mapping[str, str | None], moment: int, window: str
) -> TargetValue | None:
    """The target at `moment` (epoch milliseconds; a target holds from a UTC date on) for these dimension
    values, in windows of this name.

    Of those whose `where` holds, the most specific; of these, the latest.
    """
    day = datetime.datetime.fromtimestamp(moment / 1000, datetime.UTC).date()
    holding = [
        target
        for target in targets
        if target.from_ <= day
        and target.window in {None, window}
        and all(dimensions.get(name) == wanted for name, wanted in target.where.items())
    ]
    return max(holding, key=lambda target: (len(target.where), target.window is not None, target.from_), default=None)


def shortfall(value: float, target: TargetValue, direction: Direction) -> float | None:
    """How far the value lies on the wrong side, as a share of the bound it misses; 0 at target or better.

    None where there is no wrong side: a single number without a favourable direction. Infinite beside a bound of 0.
    """
    if target.value is None:
        low, high = target.min, target.max
    elif direction == "none":
        return None
    else:
        low, high = (target.value, None) if direction == "up" else (None, target.value)
    if low is not None and value < low:
        return (low - value) / abs(low) if low else float("inf")
    if high is not None and value > high:
        return (value - high) / abs(high) if high else float("inf")
    return 0.0


def attainment(value: float, target: TargetValue, direction: Direction) -> float | None:
    """value / target where up is good, target / value where down is; 1 in a range, else the ratio to its nearer bound.

    None where the ratio means nothing: a target that is zero or negative, a value of 0 where down is good.
    """
    if target.value is not None:
        if target.value <= 0 or direction == "none":
            return None
        if direction == "up":
            return value / target.value
        return target.value / value if value else None
    if target.min is not None and value < target.min:
        return value / target.min if target.min > 0 else None
    if target.max is not None and value > target.max:
        return target.max / value if target.max > 0 else None
    return 1.0
