"""One window's results from the measures of a KPI and the results of the KPIs that it uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kpi.formulas import Operand, evaluate
from kpi.measures import Measured, measured
from kpi.money import MixedCurrencies, common
from kpi.plan import MeasureReading
from kpi.reading import Dimensions, Row
from kpi.reasons import Reason
from schemas.entities import Sql
from schemas.kpis import Kpi

RESULT = ""
"""The name of a KPI's own formula beside those of `also`."""


@dataclass(frozen=True, slots=True)
class Result:
    """A KPI's number for a window and dimension values, unrounded; money in minor units of `currency`."""

    value: int | float | None
    reason: Reason | None
    currency: str | None
    events: int | None
    also: Mapping[str, int | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One measure: its rows by window and dimensions, and for which windows an absence of rows is a zero."""

    name: str
    source: str
    reading: MeasureReading
    columns: tuple[str, ...]
    rows: Mapping[tuple[int, Dimensions], list[Row]]
    covered: Sequence[bool]

    def at(self, place: int, dimensions: Dimensions) -> Measured:
        rows = self.rows.get((place, dimensions), [])
        return measured(self.reading, rows, self.columns, covered=self.covered[place])


def combined(
    kpi: Kpi, place: int, parts: Sequence[Part], used: Mapping[str, Mapping[Dimensions, Result]], *, whole: bool
) -> dict[Dimensions, Result]:
    """By dimension values, the results of the window at `place` of the parts. `used`: of the KPIs that this one uses.

    `whole`: no dimension was asked for, so that there is exactly one result, even where nothing was contributed.
    """
    keys = {dimensions: None for part in parts for span, dimensions in part.rows if span == place}
    keys |= {dimensions: None for results in used.values() for dimensions in results}
    if whole:
        keys = {(): None}
    rows = []
    for dimensions in keys:
        row: dict[str, Measured] = {part.name: part.at(place, dimensions) for part in parts}
        for name, results in used.items():
            found = results.get(dimensions)
            row[name] = Measured(None, 0, reason=Reason.no_data) if found is None else _as_operand(found)
        rows.append(row)
    origins = {part.name: part.source for part in parts}
    return dict(zip(keys, _evaluated(kpi, rows, origins), strict=True))


def _as_operand(result: Result) -> Measured:
    return Measured(result.value, result.events, result.currency, result.reason)


def _evaluated(kpi: Kpi, rows: Sequence[Mapping[str, Measured]], origins: Mapping[str, str]) -> list[Result]:
    operands = [{name: Operand(m.value, m.reason) for name, m in row.items()} for row in rows]
    formulas: dict[str, Sql] = {RESULT: kpi.formula, **kpi.also}
    outcomes = {name: evaluate(formula, operands) for name, formula in formulas.items()}
    results = []
    for place, row in enumerate(rows):
        events = _events(row, origins)
        main = outcomes[RESULT][place]
        reason = main.reason
        if reason is Reason.division_by_zero and events == 0:
            reason = Reason.no_data
        result = Result(main.value, reason, None, events, {name: outcomes[name][place].value for name in kpi.also})
        try:
            result = replace(result, currency=common(m.currency for m in row.values()))
        except MixedCurrencies:
            result = replace(result, value=None, reason=Reason.no_rate, also=dict.fromkeys(kpi.also))
        results.append(result)
    return results


def _events(row: Mapping[str, Measured], origins: Mapping[str, str]) -> int | None:
    """Contributions behind a row: of each source the most that one measure counted, so that none counts twice."""
    most: dict[str, int] = {}
    for name, part in row.items():
        if part.events is not None:
            origin = origins.get(name, name)
            most[origin] = max(part.events, most.get(origin, 0))
    return sum(most.values()) if most else None
