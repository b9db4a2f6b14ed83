"""KPIs that are computed member by member: what is computed of each, and how that is added up."""

from collections.abc import Iterable
from typing import Final

from kpi.combination import Result, explained
from kpi.formulas import Number, Operand, evaluate
from kpi.money import MixedCurrencies, common
from kpi.operands import operands_of
from kpi.reading import Dimensions
from kpi.reasons import Reason
from kpi.window_results import WindowResults
from schemas.declarations import Sql
from schemas.kpis import Kpi, Members

_VALUE: Final = ""


def of_members(kpi: Kpi, members: Members) -> Kpi:
    """The KPI as it is asked for each member: its sums are what it has `also`."""
    # What is cut or not known of any of them is so of all.
    formula = " + ".join(f"({sql})" for sql in members.sums.values())
    return kpi.model_copy(update={"members": None, "formula": formula, "also": members.sums, "flags": {}})


def added_up(
    kpi: Kpi,
    members: Members,
    found: WindowResults,
    *,
    by: tuple[str, ...],
    within: tuple[str, ...],
    now: int | None,
    wanted: Iterable[Dimensions],
) -> dict[Dimensions, Result]:
    """By dimension values in order of `by`, the results of one window. `within`: the dimensions of what was `found`,
    those of `by` first. `wanted`: what is answered for in any case.
    """
    places = [within.index(name) for name in members.of]
    groups: dict[Dimensions, list[Result]] = {} if by else {(): []}
    groups |= {key: [] for key in wanted}
    for key, result in found.by_dimensions.items():
        if len(key) == len(within) and all(key[place] is not None for place in places):
            groups.setdefault(key[: len(by)], []).append(result)
    given = operands_of(kpi, found.window, now)
    return {key: _of(kpi, members, results, given, cut=found.cut) for key, results in groups.items()}


def _of(kpi: Kpi, members: Members, results: list[Result], given: dict[str, Operand], *, cut: bool) -> Result:
    counted: dict[str, int] = {}
    for result in results:
        for source, events in result.counted.items():
            counted[source] = counted.get(source, 0) + events
    nothing = dict.fromkeys(kpi.also)
    if cut:
        return Result(None, Reason.before_start, also=nothing)
    if any(result.reason is Reason.no_rate for result in results):
        return Result(None, Reason.no_rate, None, counted, nothing)
    sums = {name: Operand(_sum(result.also.get(name) for result in results)) for name in members.sums}
    try:
        currency = common(result.currency for result in results)
    except MixedCurrencies:
        return Result(None, Reason.no_rate, None, counted, nothing)
    formulas: dict[str, Sql] = {_VALUE: kpi.formula, **kpi.also}
    outcomes = {name: evaluate(sql, [{**given, **sums}])[0] for name, sql in formulas.items()}
    flags = tuple(name for name, sql in kpi.flags.items() if evaluate(sql, [{**given, **sums}])[0].value)
    main = outcomes[_VALUE]
    reason = explained(kpi, main.reason, is_empty=not results)
    also = {name: outcomes[name].value for name in kpi.also}
    return Result(main.value, reason, currency, counted, also, flags=flags)


def _sum(values: Iterable[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
