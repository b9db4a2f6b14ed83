"""One window's results from the measures of a KPI and the results of the KPIs that it uses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from kpi.aggregates.sampling import Bounds
from kpi.bounds import bounds_of
from kpi.formulas import Number, Operand, evaluate, names_in
from kpi.measures import Measured, measured
from kpi.money import MixedCurrencies, common
from kpi.plan import MeasureReading
from kpi.rates import Worth
from kpi.reading import Dimensions, Row
from kpi.reasons import Reason
from schemas.declarations import Sql
from schemas.kpis import Kpi

RESULT = ""
"""The name of a KPI's own formula beside those of `also`."""


@dataclass(frozen=True, slots=True)
class Result:
    """A KPI's number for a window and dimension values, unrounded; money in minor units of `currency`.

    `counted`: by source the contributions that it is made of. Where several measures read one, the most that one of
    them counted, so that none is counted twice. `flags`: the names of those that hold.
    """

    value: Number | None
    reason: Reason | None
    currency: str | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    also: Mapping[str, Number | None] = field(default_factory=dict)
    bounds: Bounds | None = None
    flags: tuple[str, ...] = ()

    @property
    def events(self) -> int | None:
        """How many contributions it is of; None for what is made of levels alone."""
        return sum(self.counted.values()) if self.counted else None


@dataclass(frozen=True, slots=True)
class Part:
    """One measure: its rows by window and dimensions, for which windows an absence of rows is a zero, and which are
    `cut`: they begin before everything was counted.

    `source`: where its contributions come from; None: from another window than the one asked for, or everybody's.
    `places`: where in a breakdown the dimensions stand that it has; None: it has all of them.
    `worth`: by window, what its money is worth; None: it is not converted.
    """

    name: str
    source: str | None
    reading: MeasureReading
    columns: tuple[str, ...]
    rows: Mapping[tuple[int, Dimensions], list[Row]]
    covered: Sequence[bool]
    cut: Sequence[bool]
    worth: Sequence[Worth | None]
    places: Sequence[int] | None = None

    @property
    def own_rows(self) -> Mapping[tuple[int, Dimensions], list[Row]]:
        """Its rows, if their dimensions are those of the breakdown."""
        return self.rows if self.places is None else {}

    def at(self, place: int, dimensions: Dimensions) -> Measured:
        held = dimensions if self.places is None else tuple(dimensions[at] for at in self.places)
        rows = self.rows.get((place, held), [])
        covered, worth = self.covered[place], self.worth[place]
        return measured(self.reading, rows, self.columns, covered=covered, worth=worth)


def combined(
    kpi: Kpi,
    place: int,
    parts: Sequence[Part],
    used: Mapping[str, Mapping[Dimensions, Result]],
    members: Iterable[Dimensions],
    *,
    compared: Mapping[str, Mapping[Dimensions, Result]],
    given: Mapping[str, Operand],
    cut: AbstractSet[str],
) -> dict[Dimensions, Result]:
    """By dimension values, the results of the window at `place` of the parts. `used`: of the KPIs that this one uses;
    `compared`: of those that it compares with, in earlier windows, by the names of `compare`.

    `members`: dimension values that have a result even where nothing was contributed. `cut`: measures and KPIs that
    were not counted from the window's beginning; nothing that names one has a number. `given`: further operands.
    """
    keys = {dimensions: None for part in parts for span, dimensions in part.own_rows if span == place}
    keys |= {dimensions: None for results in used.values() for dimensions in results}
    keys |= {dimensions: None for results in compared.values() for dimensions in results}
    keys |= dict.fromkeys(members)
    own = [{part.name: part.at(place, dimensions) for part in parts} for dimensions in keys]
    beneath = [
        {name: results.get(dimensions, Result(None, Reason.no_data)) for name, results in used.items()}
        | {name: comparable(results.get(dimensions)) for name, results in compared.items()}
        for dimensions in keys
    ]
    operands = [
        {**given, **{name: Operand(each.value, each.reason) for name, each in _all(measures, results)}}
        for measures, results in zip(own, beneath, strict=True)
    ]
    formulas: dict[str, Sql] = {RESULT: kpi.formula, **kpi.also}
    nothing = [Operand(None, Reason.before_start)] * len(operands)
    outcomes = {
        name: nothing if is_cut(formula, cut) else evaluate(formula, operands) for name, formula in formulas.items()
    }
    flags = {name: nothing if is_cut(sql, cut) else evaluate(sql, operands) for name, sql in kpi.flags.items()}
    bounds = [
        bounds_of(kpi.formula, each, {name: found.bounds for name, found in _all(measures, results) if found.bounds})
        for each, measures, results in zip(operands, own, beneath, strict=True)
    ]
    origins = {part.name: part.source for part in parts if part.source is not None}
    return {
        dimensions: replace(
            _result(
                kpi,
                {name: outcome[row] for name, outcome in outcomes.items()},
                list(_all(own[row], beneath[row])),
                _counted(own[row], beneath[row], origins),
                bounds[row],
            ),
            flags=tuple(name for name, outcome in flags.items() if outcome[row].value),
        )
        for row, dimensions in enumerate(keys)
    }


def is_cut(formula: Sql, cut: AbstractSet[str]) -> bool:
    """Whether a formula has no number where these names are cut; a default for what is absent does not mend that."""
    return bool(cut) and not cut.isdisjoint(names_in(formula))


def comparable(result: Result | None) -> Result:
    """What was earlier, for a formula: nothing where it is missing or not positive. Its events are not the window's."""
    if result is None or result.value is None or result.value <= 0:
        return Result(None, Reason.not_comparable)
    return replace(result, counted={}, also={}, flags=())


def explained(kpi: Kpi, reason: Reason | None, *, is_empty: bool) -> Reason | None:
    """Why there is no number, where the formula divides by zero: what that means for the KPI, or that there is nothing
    that it is made of (`is_empty`).
    """
    if reason is not Reason.division_by_zero:
        return reason
    if kpi.zero_means is not None:
        return Reason(kpi.zero_means)
    return Reason.no_data if is_empty else reason


def _result(
    kpi: Kpi,
    outcomes: Mapping[str, Operand],
    operands: Sequence[tuple[str, Measured | Result]],
    counted: Mapping[str, int],
    bounds: Bounds | None,
) -> Result:
    main = outcomes[RESULT]
    if main.reason is Reason.before_start:
        return Result(None, main.reason, also={name: outcomes[name].value for name in kpi.also})
    try:
        currency = common(each.currency for _, each in operands)
    except MixedCurrencies:
        return Result(None, Reason.no_rate, None, counted, dict.fromkeys(kpi.also))
    reason = explained(kpi, main.reason, is_empty=bool(counted) and not any(counted.values()))
    also = {name: outcomes[name].value for name in kpi.also}
    return Result(main.value, reason, currency, counted, also, None if main.value is None else bounds)


def _all(own: Mapping[str, Measured], beneath: Mapping[str, Result]) -> Iterator[tuple[str, Measured | Result]]:
    yield from own.items()
    yield from beneath.items()


def _counted(own: Mapping[str, Measured], beneath: Mapping[str, Result], origins: Mapping[str, str]) -> dict[str, int]:
    counts = [(origins[name], each.events) for name, each in own.items() if name in origins and each.events is not None]
    counts += [count for result in beneath.values() for count in result.counted.items()]
    most: dict[str, int] = {}
    for source, count in counts:
        most[source] = max(count, most.get(source, 0))
    return most
