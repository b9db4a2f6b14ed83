"""KPIs that compare: their formulas, by what these compare with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kpi.combination import Result
from kpi.formulas import names_in
from kpi.reading import Dimensions
from kpi.reasons import Reason
from schemas.declarations import Sql
from schemas.kpis import Kpi


def apart(kpi: Kpi) -> Iterator[Kpi]:
    """The KPI with those of its formulas alone that compare with the same, once for each; its own formula comes first.

    What can be compared with the last month up to a quarter of an hour, can be with the last year in whole days only.
    Of the second and later ones only `also` means anything.
    """
    groups: dict[frozenset[str], dict[str, Sql]] = {_compared(kpi, kpi.formula): {}}
    for name, formula in kpi.also.items():
        groups.setdefault(_compared(kpi, formula), {})[name] = formula
    for place, (compared, also) in enumerate(groups.items()):
        formula = next(iter(also.values())) if place else kpi.formula
        compare = {name: one for name, one in kpi.compare.items() if name in compared}
        flags = {} if place else kpi.flags
        yield kpi.model_copy(update={"formula": formula, "also": also, "flags": flags, "compare": compare})


def joined(
    kpi: Kpi, first: Mapping[Dimensions, Result], other: Mapping[Dimensions, Result]
) -> dict[Dimensions, Result]:
    """The results of the first part, with what another one adds to `also`."""
    nothing = Result(None, Reason.no_data, also=dict.fromkeys(kpi.also))
    return {key: replace(result, also={**result.also, **other.get(key, nothing).also}) for key, result in first.items()}


def _compared(kpi: Kpi, formula: Sql) -> frozenset[str]:
    return frozenset(name for name in names_in(formula) if name in kpi.compare)
