"""Whether a value is where it should be."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from kpi.targets import Direction, shortfall
from schemas.entities import TargetValue

EARLY_SHARE = 0.2


class Status(StrEnum):
    """no_data: no number. too_early: too little to judge by. met, not_met: final, and past the target's review date."""

    no_data = "no_data"
    too_early = "too_early"
    on_track = "on_track"
    at_risk = "at_risk"
    off_track = "off_track"
    met = "met"
    not_met = "not_met"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a status follows from.

    `progress`: the share of the period that has passed, 0 to 1, where the period's beginning says little; else None.
    `forecast`: what the value will be at the period's end, where it only grows with it; else None.
    """

    value: float | None
    target: TargetValue | None
    direction: Direction
    margin: float
    events: int | None
    minimum_volume: int
    progress: float | None
    forecast: float | None
    final: bool
    today: datetime.date


def status_of(situation: Situation) -> Status | None:
    """The status; None where there is a value but no target, or none with a wrong side, to judge it by."""
    value, target = situation.value, situation.target
    if value is None:
        return Status.no_data
    if target is None or (missed := shortfall(value, target, situation.direction)) is None:
        return None
    if situation.events is not None and situation.events < situation.minimum_volume:
        return Status.too_early
    if situation.final and target.review is not None and situation.today > target.review:
        return Status.not_met if missed else Status.met
    if situation.progress is not None and situation.progress < EARLY_SHARE:
        return Status.too_early
    return _on_the_way(situation, target, missed)


def _on_the_way(situation: Situation, target: TargetValue, missed: float) -> Status:
    expected = None if situation.forecast is None else shortfall(situation.forecast, target, situation.direction)
    if expected is None:
        expected = missed
    if missed and situation.direction == "down":
        # What only grows and is past its bound will not come back.
        expected = max(missed, expected)
    if not expected:
        return Status.on_track
    if expected <= situation.margin or not missed:
        return Status.at_risk
    return Status.off_track
