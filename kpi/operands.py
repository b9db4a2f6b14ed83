"""What a formula may name beside measures and KPIs: the length and the end of its window, and numbers that are set."""

from collections.abc import Mapping
from typing import Final

from kpi.formulas import Operand
from kpi.grains import DAY
from kpi.reasons import Reason
from kpi.windows import Kind, Window
from schemas.kpis import Kpi

ELAPSED: Final = "elapsed"
ENDS_AT: Final = "ends_at"
PERIODS_A_YEAR: Final = "periods_a_year"
OF_WINDOWS: Final = (ELAPSED, ENDS_AT, PERIODS_A_YEAR)

DAYS_A_YEAR: Final = 365
_A_YEAR: Final = {"month": 12, "quarter": 4, "year": 1}


def operands_of(kpi: Kpi, window: Window, now: int | None) -> dict[str, Operand]:
    """The operands that come from the window and the KPI itself.

    `now`: up to where the window is known, epoch milliseconds; None: nothing is.
    """
    given = parameters_of(kpi)
    given[PERIODS_A_YEAR] = Operand(periods_a_year(window))
    if now is None:
        return given | dict.fromkeys((ELAPSED, ENDS_AT), Operand(None, Reason.no_data))
    end = min(window.read_to, max(now, window.start))
    return given | {ELAPSED: Operand((end - window.start) // 1000), ENDS_AT: Operand(end // 1000)}


def parameters_of(kpi: Kpi) -> dict[str, Operand]:
    """The KPI's parameters. One that is left open is null, and no reason for anything."""
    return {name: Operand(value) for name, value in kpi.parameters.items()}


def periods_a_year(window: Window) -> int | float:
    """How many windows of this length a year of 365 days or 12 months has."""
    if window.kind is Kind.calendar:
        days = {"day": 1, "week": 7}.get(window.name)
        return _A_YEAR[window.name] if days is None else _share(DAYS_A_YEAR, days)
    return _share(DAYS_A_YEAR * DAY, window.end - window.start)


def doubled(kpi: Kpi, names: Mapping[str, int], factor: int) -> dict[str, Operand]:
    """Operands for trying a formula out: `names` with a number each, times the factor where they grow with a window."""
    fixed = parameters_of(kpi) | {ENDS_AT: Operand(10**9), PERIODS_A_YEAR: Operand(12)}
    return {name: fixed[name] if name in fixed else Operand(factor * number) for name, number in names.items()}


def _share(whole: int, part: int) -> int | float:
    return whole // part if whole % part == 0 else whole / part
