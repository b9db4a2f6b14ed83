"""Which windows a KPI is served for, and which of them is meant where none of its own is running."""

from typing import Final

from kpi.grains import MINUTE
from kpi.windows import Kind, Window
from schemas.kpis import Kpi, Serving

EVERY: Final[frozenset[Serving]] = frozenset({"rolling", "to_date", "complete"})


def servings(kpi: Kpi) -> frozenset[Serving]:
    """The kinds of windows that the KPI is served for: `EVERY`, a part of it, or now alone."""
    return EVERY if "at_end" in kpi.serve else frozenset(kpi.serve) or EVERY


def is_complete_only(kpi: Kpi) -> bool:
    """Whether of tumbling and calendar windows only those are served that are over."""
    return not servings(kpi) & {"to_date", "now"}


def serves(kpi: Kpi, window: Window, at: int, now: int) -> bool:
    """Whether the KPI is served for a window, asked about the moment `at`; both in epoch milliseconds."""
    if window.name not in kpi.windows.names():
        return False
    served = servings(kpi)
    if "now" in served:
        # A rolling window ends as the last minute does.
        return window.start <= now < window.end + (MINUTE if window.kind is Kind.rolling else 0)
    if window.name in kpi.windows.rolling:
        return "rolling" in served
    return ("complete" if window.end <= at else "to_date") in served
