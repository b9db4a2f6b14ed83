"""Whether formulas add like to like, and give what their KPI's unit says."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from kpi.dimensions import Dimension, Possible, results
from kpi.formulas import FormulaError, names_in
from schemas.kpis import Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.units import DECLARED, operands

_A_TIME: Final = re.compile(r"/ ?(s|sec|second|min|minute|h|hour|day|week|month|year)s?$")
_DIGIT: Final = re.compile(r"\d")


def check_units(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the units of a KPI."""
    given = operands(kpi, known)
    formulas: dict[Place, str] = {("formula",): kpi.formula, **{("also", name): sql for name, sql in kpi.also.items()}}
    for place, sql in formulas.items():
        try:
            named = names_in(sql)
        except FormulaError:
            continue
        found = results(sql, given) if set(named) <= given.keys() else None
        if found is None:
            continue
        parts = {name: next(iter(given[name])) for name in named if len(given[name]) == 1}
        if not found:
            said = ", ".join(f"{name} is {dimension}" for name, dimension in parts.items())
            yield document.mistake(place, f"adds or compares what has different units: {said}")
        elif place == ("formula",) and (message := _of_unit(kpi, found, parts)):
            yield document.mistake(place, message)


def _of_unit(kpi: Kpi, found: Possible, parts: Mapping[str, Dimension]) -> str | None:
    """What is wrong with the unit of a KPI whose value may be any of `found`."""
    declared = DECLARED.get(kpi.unit)
    if _A_TIME.search(kpi.unit):
        # Hours that somebody wrote down are plain numbers, too.
        wrong = all(one.time not in (0, -1) for one in found)
    elif declared is None or (kpi.unit == "money" and not any(one.money for one in parts.values())):
        return None
    else:
        wrong = all((one.money, one.time) != (declared.money, declared.time) for one in found)
    if wrong:
        return f"gives {min(found)}, but the unit is {kpi.unit}"
    if kpi.unit == "seconds" and all(one.milliseconds == 1 for one in found) and not _DIGIT.search(kpi.formula):
        return "gives milliseconds, but the unit is seconds; give its measures scale: 3"
    return None
