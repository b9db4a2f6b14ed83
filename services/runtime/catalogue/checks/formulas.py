"""The formulas of a KPI: what they name, and whether they have a number where that is 0 or left open."""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import polars as pl

from kpi.operands import OF_WINDOWS, PERIODS_A_YEAR
from schemas.kpis import Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import Scope, Wanted, mistakes_in, names_in, parsed
from services.runtime.catalogue.mistakes import Mistake

_MEASURED: Final = (1.0, 0.5, 7.0)
"""What is tried for everything that is measured."""


def check_formulas(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in all formulas, flags and parameters."""
    declared = [name for key in ("measures", "compare", "parameters") for name in document.names((key,))]
    names = (*declared, *kpi.uses, *OF_WINDOWS)
    yield from _parameters(document, kpi, names)
    used = list(kpi.uses) == document.data.get("uses", []) and all(name in known.kpis for name in kpi.uses)
    formulas: dict[Place, str] = {("formula",): kpi.formula, **{("also", name): sql for name, sql in kpi.also.items()}}
    flags: dict[Place, str] = {("flags", name): sql for name, sql in kpi.flags.items()}
    if kpi.members is None:
        yield from _each(document, kpi, known, {**formulas, **flags}, names, used=used)
    else:
        sums: dict[Place, str] = {("members", "sums", name): sql for name, sql in kpi.members.sums.items()}
        yield from _each(document, kpi, known, sums, names, used=used)
        added = (*document.names(("members", "sums")), *kpi.parameters, *OF_WINDOWS)
        yield from _each(document, kpi, known, {**formulas, **flags}, added, used=used)
    yield from _flags(document, kpi)


def _each(
    document: Document,
    kpi: Kpi,
    known: Declarations,
    formulas: Mapping[Place, str],
    names: Collection[str],
    *,
    used: bool,
) -> Iterator[Mistake]:
    """Mistakes in formulas that may name `names`. `used`: whether all KPIs that are used are known."""
    scope = Scope(f"measure of {kpi.kpi}", dict.fromkeys(names, pl.Float64), hidden=() if used else ("",))
    for place, sql in formulas.items():
        flag = place[0] == "flags"
        want: Wanted = "true or false" if flag else "anything"
        found = list(mistakes_in(document, place, sql, scope, want))
        unused = sorted(name for name in names_in([sql]) if name in known.kpis and name not in names)
        if not unused:
            yield from found
        elif used:
            yield document.mistake(place, f"{unused[0]!r} is a KPI; name it in uses: [{', '.join(unused)}]")
        if not used or found or flag:
            continue
        numbers = {name: _number(kpi, name) for name in names}
        if not _is_finite(_computed(sql, dict.fromkeys(names, 0.0) | numbers)):
            yield document.mistake(place, "divides by what may be 0: write x / nullif(y, 0)")
        elif opened := _needs(kpi, sql, numbers):
            message = f"has no value while the parameter {opened!r} is left open"
            yield document.mistake(place, f"{message}: set it, or write coalesce({opened}, …)")


def _parameters(document: Document, kpi: Kpi, names: Collection[str]) -> Iterator[Mistake]:
    sums = () if kpi.members is None else kpi.members.sums.values()
    named = names_in((kpi.formula, *kpi.also.values(), *kpi.flags.values(), *sums))
    for name in kpi.parameters:
        place: Place = ("parameters", name)
        others = {"a measure": kpi.measures, "a KPI in uses": kpi.uses, "a comparison": kpi.compare}
        what = next((what for what, those in others.items() if name in those), None)
        if name in OF_WINDOWS:
            yield document.mistake(place, f"{name!r} is what formulas call a property of the window; take another name")
        elif what is not None:
            yield document.mistake(place, f"{name!r} is the name of {what}, too; rename the parameter")
        elif name not in named and named <= set(names):
            yield document.mistake(place, f"no formula names {name!r}")


def _flags(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    """A flag is told of the windows that the formula reads."""
    of_formula = names_in([kpi.formula])
    for name, sql in kpi.flags.items():
        for other in sorted(names_in([sql]) & kpi.compare.keys() - of_formula):
            yield document.mistake(("flags", name), f"the formula does not compare with {other!r}, so a flag cannot")


def _number(kpi: Kpi, name: str) -> float | None:
    if name in kpi.parameters and name not in kpi.measures:
        return kpi.parameters[name]
    return 12.0 if name == PERIODS_A_YEAR else 0.0


def _needs(kpi: Kpi, sql: str, numbers: Mapping[str, float | None]) -> str | None:
    """A parameter without which there is no value at all."""
    opened = next((name for name in sorted(names_in([sql])) if numbers.get(name, 0) is None), None)
    if opened is None:
        return None
    measured = [name for name in numbers if name not in kpi.parameters]
    tries = [{**numbers, **{name: value + place for place, name in enumerate(measured)}} for value in _MEASURED]
    tries += [{**numbers, **dict.fromkeys(measured, value)} for value in _MEASURED]
    return opened if all(_computed(sql, one) is None for one in tries) else None


def _computed(sql: str, numbers: Mapping[str, float | None]) -> object:
    expression = parsed(sql)
    if isinstance(expression, str):
        return None
    frame = pl.DataFrame({name: [value] for name, value in numbers.items()}, schema=dict.fromkeys(numbers, pl.Float64))
    return frame.select(expression.alias("result"))["result"][0]


def _is_finite(result: object) -> bool:
    return not isinstance(result, float) or math.isfinite(result)
