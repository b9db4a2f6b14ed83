"""Which target a value is held against: the catalogue's, or one that people recorded."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi.entries import Entry
from kpi.targets import target_in_force
from kpi.windows import Kind, Window, days_of
from schemas.declarations import MONEY
from schemas.entities import TargetValue
from schemas.kpis import Kpi
from schemas.times import DAY, to_datetime


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as it holds for one window. `entry`: who recorded it; None: the catalogue says it.

    `total`: the figure of all its days, where the target is the share of it that falls into the window.
    """

    target: TargetValue
    entry: Entry | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a target is wanted for: values of dimensions, a window, the moment of asking (epoch milliseconds) and the
    currency of the value. `grows`: whether the KPI is a total, of which a part of a window holds a part.
    """

    dimensions: Mapping[str, str | None]
    window: Window
    now: int
    currency: str | None
    grows: Callable[[], bool]


def goal_for(kpi: Kpi, recorded: Sequence[Entry], aim: Aim) -> Goal | None:
    """The target that stands. `recorded`: what stands of the KPI's recorded ones, in the order of entering.

    Of the catalogue's and the recorded one the more specific; of these the one that holds from the later day on, and
    of the same day the recorded one.
    """
    moment = min(aim.window.end - 1, aim.now)
    declared = target_in_force(kpi.targets, aim.dimensions, moment, aim.window.name)
    entered = _recorded_in_force(kpi, recorded, aim, to_datetime(moment).date())
    if declared is None or entered is None:
        return entered if declared is None else Goal(declared)
    rank, other = ((len(one.where), one.from_) for one in (entered.target, declared))
    return entered if rank >= other else Goal(declared)


def _recorded_in_force(kpi: Kpi, recorded: Sequence[Entry], aim: Aim, today: datetime.date) -> Goal | None:
    """Of those that hold the most specific; of these one for such windows; of these that of the latest first day; of
    these the one that was entered last.
    """
    holding = [goal for entry in recorded if (goal := _held(kpi, entry, aim, today)) is not None]
    order = sorted(enumerate(holding), key=lambda one: (*_rank(one[1]), one[0]))
    return order[-1][1] if order else None


def _rank(goal: Goal) -> tuple[int, bool, datetime.date]:
    target = goal.target
    return len(target.where), target.window is not None or goal.total is not None, target.from_


def _held(kpi: Kpi, entry: Entry, aim: Aim, today: datetime.date) -> Goal | None:
    """The target that the entry sets for the window; None where it sets none."""
    body, where = entry.body, entry.scope
    name, window = body.get("window"), aim.window
    if name not in {None, window.name} or any(aim.dimensions.get(each) != value for each, value in where.items()):
        return None
    if kpi.unit == MONEY and None not in (aim.currency, body.get("currency")) and body["currency"] != aim.currency:
        return None
    start = datetime.date.fromisoformat(body["start"])
    review = datetime.date.fromisoformat(body["review"]) if "review" in body else None
    share = None
    if review is not None and name is None and aim.grows():
        share = share_of(window, start, review)
        if share is None:
            return None
    elif start > today:
        return None
    figure = float(Fraction(entry.figure) * (1 if share is None else share))
    stated = {"value": figure, "where": dict(where), "window": name, "from": start, "review": review}
    return Goal(TargetValue.model_validate(stated), entry, None if share is None else float(entry.figure))


def share_of(window: Window, start: datetime.date, last: datetime.date) -> Fraction | None:
    """Which share of the days from `start` to `last` the window is; None where not all of it lies within them.

    Calendar windows are counted in days of their own zone, others in time of UTC.
    """
    whole = (last - start).days + 1
    first, final = days_of(window)
    if not start <= first <= final <= last:
        return None
    if window.kind is Kind.calendar:
        return Fraction((final - first).days + 1, whole)
    return Fraction(window.end - window.start, DAY * whole)
