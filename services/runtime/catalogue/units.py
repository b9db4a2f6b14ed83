"""The dimension of measures and KPIs, as far as declarations tell: money and time, or a plain number."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kpi.dimensions import MILLISECONDS, MONEY, OPEN, PLAIN, SECONDS, Dimension, Possible, in_seconds, results, squared
from kpi.formulas import FormulaError, names_in
from kpi.operands import ELAPSED, ENDS_AT, PERIODS_A_YEAR
from kpi.plan import COUNTS
from schemas.entities import Contribution, Entity
from schemas.kpis import Aggregate, Kpi, Measure
from schemas.parts import StreamPart
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.scopes import moments, way_of, ways

DECLARED: Final[Mapping[str, Dimension]] = {"money": MONEY, "seconds": SECONDS, "ratio": PLAIN, "share": PLAIN}
"""By unit of a KPI, where the word says it."""

_NUMBERS: Final = ("times", "forward", "followed")
_PLAIN: Final = frozenset({PLAIN})


def operands(kpi: Kpi, known: Declarations, above: frozenset[str] = frozenset()) -> dict[str, Possible]:
    """What each name may be that the KPI's formulas can give. `above`: KPIs that use it, which it cannot use itself."""
    found: dict[str, Possible] = {
        ELAPSED: frozenset({SECONDS}), ENDS_AT: frozenset({SECONDS}), PERIODS_A_YEAR: _PLAIN,
        **dict.fromkeys(kpi.parameters, OPEN),
        **{name: of_kpi(name, known, above | {kpi.kpi}) for name in kpi.uses},
        **{name: of_measure(measure, known) for name, measure in kpi.measures.items()},
    }  # fmt: skip
    return found | {name: found.get(one.of, OPEN) for name, one in kpi.compare.items()}


def of_kpi(name: str, known: Declarations, above: frozenset[str]) -> Possible:
    """What a KPI may be: as its unit says, or else as its formula does."""
    declared = known.kpis.get(name)
    if declared is None or declared.model is None or name in above:
        return OPEN
    kpi = declared.model
    if kpi.unit in DECLARED:
        return frozenset({DECLARED[kpi.unit]})
    return _told(kpi.formula, operands(kpi, known, above))


def of_measure(measure: Measure, known: Declarations) -> Possible:
    """What a measure may be."""
    owner, _, part = measure.from_.rpartition(".")
    entity = known.entities[owner].model if owner in known.entities else None
    contribution = entity.contributions.get(part) if entity is not None and measure.from_ not in known.streams else None
    if measure.aggregate in COUNTS:
        return _PLAIN
    dated = None if contribution is not None else _dated(measure.from_, known)
    if (contribution or dated or measure).currency is not None:
        found: Possible = frozenset({MONEY})
    elif dated is not None:
        found = _told(measure.value or "value", {"value": _told(dated.value, {})})
    elif contribution is None or entity is None:
        found = _told(measure.value or "1", {})
    else:
        found = _told(contribution.value, _slots(entity, contribution))
        if measure.value is not None:
            found = _told(measure.value, {"value": found})
    if measure.aggregate is Aggregate.variance:
        found = frozenset(map(squared, found))
    elif measure.aggregate is Aggregate.integral:
        found = frozenset(replace(one, milliseconds=one.milliseconds + 1) for one in found)
    if measure.scale == 3:
        return frozenset(map(in_seconds, found))
    return OPEN if measure.scale and any(one.time for one in found) else found


def _dated(name: str, known: Declarations) -> StreamPart | None:
    """What a stream contributes beside its events, by its full name."""
    owner, _, part = name.rpartition(".")
    declared = known.streams.get(owner) if name not in known.streams else None
    return None if declared is None or declared.model is None else declared.model.contributions.get(part)


def _slots(entity: Entity, contribution: Contribution) -> dict[str, Possible]:
    """What a contribution's expressions may name: moments, what is counted, and fields, which say nothing."""
    way, only = way_of(contribution)
    found: dict[str, Possible] = dict.fromkeys((*entity.deadlines, *entity.durations), frozenset({MILLISECONDS}))
    for name, state in entity.states.items():
        if only not in (None, name) or way not in ways(state):
            continue
        found |= dict.fromkeys((f"{name}_{field}" for field in state.carrying), OPEN)
        for offered in moments(name, state, way):
            plain = offered.removeprefix(f"{name}_") in {*_NUMBERS, *state.counting}
            found[offered] = _PLAIN if plain else OPEN if offered == name else frozenset({MILLISECONDS})
    return found


def _told(sql: str, operands: Mapping[str, Possible]) -> Possible:
    try:
        named = set(names_in(sql))
    except FormulaError:
        return OPEN
    return OPEN if not named <= operands.keys() else results(sql, operands) or OPEN
