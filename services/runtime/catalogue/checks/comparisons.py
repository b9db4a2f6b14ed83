"""What a KPI compares with."""

from collections.abc import Iterator

from kpi.earlier import first_day, is_longer
from kpi.windows import CALENDAR, Kind, length_of, window_at
from schemas.kpis import Comparison, Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.expressions import names_in
from services.runtime.catalogue.mistakes import Mistake

_LEAP_YEAR = 1_704_067_200_000
"""2024 and its first month, quarter and week are as long as any."""


def check_comparisons(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the comparisons of a KPI."""
    named = names_in((kpi.formula, *kpi.also.values()))
    for name, comparison in kpi.compare.items():
        place: Place = ("compare", name)
        if name in kpi.measures or name in kpi.uses:
            what = "a measure" if name in kpi.measures else "a KPI in uses"
            yield document.mistake(place, f"{name!r} is the name of {what}, too; take another", at_key=True)
        if comparison.of not in kpi.uses and not known.excused("kpi", comparison.of):
            if comparison.of in known.kpis:
                message = f"{comparison.of!r} is compared with what it was; name it in uses, too"
                yield document.mistake((*place, "of"), message)
            else:
                yield document.unknown((*place, "of"), "KPI", comparison.of, kpi.uses)
        if comparison.ago is None:
            yield from _periods(document, kpi, name, comparison)
        lengths = [length for one in kpi.windows.names() if (length := _length(one)) is not None]
        if lengths and comparison.ago and all(is_longer(length, comparison.ago) for length in lengths):
            message = (
                f"every window is longer than a {comparison.ago}, so that none has the same a {comparison.ago} ago"
            )
            yield document.mistake((*place, "ago"), f"{message}; take previous")
        if name not in named and named <= {*document.names(("measures",)), *kpi.uses, *kpi.compare}:
            yield document.mistake(place, f"no formula names {name!r}", at_key=True)


def _periods(document: Document, kpi: Kpi, name: str, comparison: Comparison) -> Iterator[Mistake]:
    for window, period in comparison.period.items():
        place: Place = ("compare", name, "period", window)
        if window not in kpi.windows.names():
            yield document.unknown(place, "window", window, kpi.windows.names())
            continue
        try:
            first_day(window, period)
        except ValueError as error:
            yield document.mistake(place, str(error))


def _length(name: str) -> int | None:
    """Milliseconds; None for what is no window."""
    if name in CALENDAR:
        window = window_at(name, Kind.calendar, _LEAP_YEAR, "UTC")
        return window.end - window.start
    try:
        return length_of(name)
    except ValueError:
        return None
