"""What a KPI lacks to be specific, measurable, achievable, relevant and dated."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kpi.explaining.words import amount, counted, plain
from kpi.targets import direction_of, shortfall
from schemas.entities import TargetValue
from schemas.kpis import Catalogue, Kpi

Criterion = Literal["specific", "measurable", "achievable", "relevant", "dated"]
NOBODY: Final = frozenset({"", "-", "?", "n/a", "nobody", "none", "tba", "tbd", "todo"})
FEWEST: Final = 3
"""Complete windows with a value, below which nothing is said about whether a target can be met."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing, and what to do about it."""

    criterion: Criterion
    message: str


@dataclass(frozen=True, slots=True)
class History:
    """The values of the last complete windows of one name, without those that had none. `windows`: of how many."""

    window: str
    windows: int
    values: tuple[float, ...]


def gaps(catalogue: Catalogue, kpi: Kpi, today: datetime.date, history: History | None) -> Iterator[Gap]:
    """What the KPI lacks. `history`: of the window of `asked_for`; None: nobody could be asked."""
    if kpi.owner.strip().lower() in NOBODY:
        yield Gap("specific", "nobody owns it; name who answers for it, such as owner: head of sales")
    if _bare(kpi.sentence) in {"", _bare(kpi.title), _bare(kpi.kpi)}:
        yield Gap("specific", "its sentence says no more than its title; say what is counted, and what is not")
    target = goal(kpi, today)
    if history is not None:
        yield from _of_history(kpi, target, history)
    if not any(kpi.kpi in objective.kpis for objective in catalogue.objectives.values()):
        yield Gap("relevant", f"no objective names it; declare one with kpis: [{kpi.kpi}], or add it to another's kpis")
    yield from _dated(kpi, target, today)


def goal(kpi: Kpi, today: datetime.date) -> TargetValue | None:
    """The target in force that somebody has set for the whole; that of the longest window where there are several."""
    set_ = [one for one in kpi.targets if not one.example and not one.where and one.from_ <= today]
    names = kpi.windows.names()
    return max(set_, key=lambda one: (names.index(one.window) if one.window in names else -1, one.from_), default=None)


def asked_for(kpi: Kpi, target: TargetValue | None) -> str:
    """The window whose history shows whether the target can be met."""
    if target is not None and target.window is not None:
        return target.window
    return next(iter((*kpi.windows.calendar, *kpi.windows.tumbling, *kpi.windows.rolling)))


def _of_history(kpi: Kpi, target: TargetValue | None, history: History) -> Iterator[Gap]:
    known, looked_at = history.values, _windows(history.windows, history.window)
    if not known:
        yield Gap("measurable", f"it had no value in {looked_at}; see that the events of its streams come in")
        return
    if target is None:
        return
    if len(known) < FEWEST:
        few = counted(len(known), "complete window")
        yield Gap(
            "achievable", f"only {few} of {history.window} had a value: too few to say that the target can be met"
        )
        return
    direction = direction_of(kpi, {})
    missed = [shortfall(value, target, direction) for value in known]
    if all(missed):
        nearest = min(zip(missed, known, strict=True), key=lambda one: one[0] or 0.0)[1]
        was = f"the nearest was {amount(nearest, kpi.unit)}"
        yield Gap("achievable", f"the target was not met in any of {_windows(len(known), history.window)}; {was}")


def _dated(kpi: Kpi, target: TargetValue | None, today: datetime.date) -> Iterator[Gap]:
    if target is not None and target.review is None:
        yield Gap("dated", f"its target is never reviewed; add review: {today.year + 1}-01-31, or another day")
    elif target is not None and target.review is not None and target.review < today:
        yield Gap("dated", f"its target was to be reviewed on {target.review}; set one that goes on from there")
    elif target is None and not kpi.targets:
        yield Gap("dated", "it has no target; set one with a date to review it, under targets")
    elif target is None and all(one.example for one in kpi.targets):
        yield Gap("dated", "its targets are the examples that were shipped; set your own, without example: true")
    elif target is None and (later := [one.from_ for one in kpi.targets if one.from_ > today]):
        yield Gap("dated", f"its target does not hold before {min(later)}")


def _windows(number: int, window: str) -> str:
    return f"the last {counted(number, 'complete window')} of {window}"


def _bare(text: str) -> str:
    return " ".join(plain(text).lower().strip(" .").split())
