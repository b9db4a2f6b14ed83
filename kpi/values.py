"""Values as they are given out: a result with its window, its sources' standing, target, status and what was before."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kpi.combination import Result
from kpi.currencies import digits
from kpi.entries import Ledger
from kpi.formulas import Number as Exact
from kpi.goals import Aim, Goal, goal_for
from kpi.money import minor
from kpi.reading import Dimensions
from kpi.reasons import Reason
from kpi.results import Results
from kpi.sayings import annotations_of, source_of_target
from kpi.scope import Scope
from kpi.selection import Wanted
from kpi.serving import serves
from kpi.standing import Source, completeness, lowest_watermark
from kpi.status import Situation, Status, status_of
from kpi.targets import Direction, attainment, direction_of
from kpi.window_results import WindowResults
from kpi.windows import Kind, Window, previous
from schemas.answers import Bounds, TargetRange, Value, ValueWindow
from schemas.declarations import MONEY
from schemas.entities import TargetValue
from schemas.kpis import Kpi
from schemas.recorded import RESTATED
from schemas.times import text_of

Number = int | float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a KPI for some windows, broken down by and restricted to values of its dimensions.

    `at`: the moment that is asked about, epoch milliseconds; None: now. `compare`: whether the window before each is
    wanted as well. `dense`: whether who has a value in one window gets one in each.
    """

    kpi: Kpi
    windows: Sequence[Window]
    by: tuple[str, ...] = ()
    where: Mapping[str, Wanted] = field(default_factory=dict)
    at: int | None = None
    compare: bool = True
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """When and from what an answer was given. `now`: epoch milliseconds; `stale`: the panes at hand are behind.

    `ledger`: what people had recorded.
    """

    now: int
    stale: bool = False
    ledger: Ledger = field(default_factory=Ledger)


class Valuation:
    """Makes values from results. `versions`: of each KPI's definition; `currency`: of money that names none."""

    def __init__(self, scope: Scope, versions: Mapping[str, str], currency: str | None) -> None:
        self._scope, self._versions, self._currency = scope, versions, currency
        self._growing: dict[str, bool] = {}

    def of(self, results: Results, question: Question, moment: Moment) -> list[list[Value]]:
        """For each window its values, ordered by their dimensions: exactly one where no breakdown is asked for, and for
        windows that the KPI is not served for.
        """
        kpi = question.kpi
        at = moment.now if question.at is None else question.at
        served = [window for window in question.windows if serves(kpi, window, at, moment.now)]
        before = {window: previous(window) for window in served} if question.compare else {}
        earlier = [window for window in before.values() if serves(kpi, window, at, moment.now)]
        wanted = list(dict.fromkeys([*served, *earlier]))
        known = zip(wanted, _answers(results, question, wanted), strict=True)
        found, sources = dict(known), results.sources(kpi.kpi)
        values = []
        for window in question.windows:
            present = found[window] if window in served else WindowResults.nothing(window, Reason.not_served)
            past = found[before[window]].by_dimensions if before.get(window) in found else {}
            values.append(
                [
                    self._value(question, moment, sources, present, key=key, before=past.get(key))
                    for key in sorted(present.by_dimensions, key=_in_order)
                ]
            )
        return values

    def _value(
        self,
        question: Question,
        moment: Moment,
        sources: tuple[Source, ...],
        results: WindowResults,
        *,
        key: Dimensions,
        before: Result | None,
    ) -> Value:
        kpi, window, result = question.kpi, results.window, results.by_dimensions[key]
        dimensions = {**_single(question.where), **dict(zip(question.by, key, strict=False))}
        passed = completeness(sources, window)
        watermark = lowest_watermark(sources)
        shown = self._shown(kpi, result.value, result.currency)
        earlier = None if before is None else self._shown(kpi, before.value, before.currency)
        direction = direction_of(kpi, dimensions)
        goal = self._goal(kpi, dimensions, window, moment, result.currency)
        target = None if goal is None else goal.target
        return Value(
            kpi=kpi.kpi,
            value=shown,
            unit=kpi.unit,
            reason=None if result.reason is None else result.reason.value,
            value_minor=minor(result.value) if kpi.unit == MONEY and result.value is not None else None,
            currency=(result.currency or self._currency) if kpi.unit == MONEY else None,
            also={name: self._shown(kpi, value, result.currency) for name, value in result.also.items()},
            flags=result.flags,
            window=ValueWindow(
                name=window.name, start=text_of(window.start), end=text_of(window.end), time_zone=window.zone
            ),
            dimensions=dimensions,
            events=result.events,
            bounds=self._bounds(kpi, result),
            watermark=None if watermark is None else text_of(watermark),
            completeness=round(passed, 6),
            state=_state(results, result, kpi),
            revision=results.revision,
            definition_version=self._versions[kpi.kpi],
            target=_stated(target),
            target_source=None if goal is None else source_of_target(goal),
            attainment=None if target is None or shown is None else attainment(shown, target, direction),
            status=self._status(
                results, result, moment, kpi=kpi, value=shown, target=target, direction=direction, passed=passed
            ),
            direction=direction,
            previous=earlier,
            change=self._change(kpi, result, before),
            as_of=text_of(moment.now),
            lag_seconds=None if watermark is None else round((moment.now - watermark) / 1000, 3),
            stale=moment.stale,
            annotations=annotations_of(moment.ledger, kpi.kpi, window, dimensions),
        )

    def _goal(
        self, kpi: Kpi, dimensions: Mapping[str, str | None], window: Window, moment: Moment, currency: str | None
    ) -> Goal | None:
        recorded = moment.ledger.targets.get(kpi.kpi, ())
        aim = Aim(dimensions, window, moment.now, currency or self._currency, lambda: self._grows(kpi))
        return goal_for(kpi, recorded, aim)

    def _grows(self, kpi: Kpi) -> bool:
        if kpi.kpi not in self._growing:
            self._growing[kpi.kpi] = self._scope.grows(kpi)
        return self._growing[kpi.kpi]

    def _shown(self, kpi: Kpi, value: Exact | None, currency: str | None) -> Number | None:
        """As written: money in major units, rounded half to even."""
        if value is None or kpi.unit != MONEY:
            return None if value is None else _plain(value)
        return minor(value) / float(10 ** digits(currency or self._currency or ""))

    def _bounds(self, kpi: Kpi, result: Result) -> Bounds | None:
        if result.bounds is None:
            return None
        low, high = (self._shown(kpi, bound, result.currency) for bound in result.bounds)
        return None if low is None or high is None else Bounds(low=low, high=high)

    def _change(self, kpi: Kpi, result: Result, before: Result | None) -> Number | None:
        if result.value is None or before is None or before.value is None:
            return None
        if kpi.unit != MONEY:
            return _plain(result.value) - _plain(before.value)
        if result.currency and before.currency and result.currency != before.currency:
            return None
        return self._shown(kpi, minor(result.value) - minor(before.value), result.currency or before.currency)

    def _status(
        self,
        results: WindowResults,
        result: Result,
        moment: Moment,
        *,
        kpi: Kpi,
        value: Number | None,
        target: TargetValue | None,
        direction: Direction,
        passed: float,
    ) -> Status | None:
        periodic = results.window.kind is not Kind.rolling and not self._scope.is_level(kpi.kpi)
        grows = periodic and value is not None and 0 < passed < 1 and self._grows(kpi)
        return status_of(
            Situation(
                value=value,
                target=target,
                direction=direction,
                margin=kpi.margin,
                events=result.events,
                minimum_volume=kpi.minimum_volume,
                progress=passed if periodic else None,
                forecast=value / passed if grows and value is not None else None,
                final=results.final,
                today=datetime.datetime.fromtimestamp(moment.now / 1000, datetime.UTC).date(),
            )
        )


def _answers(results: Results, question: Question, windows: Sequence[Window]) -> Sequence[WindowResults]:
    if not windows:
        return ()
    return results.of(question.kpi, windows, question.by, question.where, dense=question.dense)


def _single(where: Mapping[str, Wanted]) -> dict[str, str | None]:
    """The dimensions of which one value is asked for: of several, none is the value's."""
    return {name: wanted for name, wanted in where.items() if not isinstance(wanted, frozenset)}


def _plain(value: Exact) -> Number:
    """A number of JSON."""
    return value if isinstance(value, int | float) else float(value)


def _stated(target: TargetValue | None) -> float | TargetRange | None:
    if target is None or target.value is not None:
        return None if target is None else target.value
    return TargetRange(min=target.min, max=target.max)


def _state(results: WindowResults, result: Result, kpi: Kpi) -> Literal["provisional", "final", "restated"]:
    # Of what people record, nothing is final before there is something.
    if not results.final or (kpi.recorded is not None and result.value is None):
        return "provisional"
    corrected = RESTATED in result.flags and results.revision > 1
    return "restated" if results.restated or corrected else "final"


def _in_order(key: Dimensions) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, value or "") for value in key)
