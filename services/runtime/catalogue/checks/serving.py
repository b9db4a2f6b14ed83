"""Which windows a KPI is served for, against the windows that it has and the KPIs that it uses."""

from collections.abc import Iterator
from typing import Final

from kpi.serving import servings
from schemas.kpis import Aggregate, Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake, listed

_ALONE: Final = frozenset({"at_end", "now"})
_AT_ONE_MOMENT: Final = frozenset({Aggregate.level, Aggregate.least})
_PERIODS: Final = frozenset({"to_date", "complete"})


def check_serving(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in what a KPI is served for."""
    yield from _of_used(document, kpi, known)
    if not kpi.serve:
        return
    for number, name in enumerate(kpi.serve):
        if name in _ALONE and len(set(kpi.serve)) > 1:
            yield document.mistake(("serve", number), f"{name} is about all windows, and stands alone")
    if "at_end" in kpi.serve and any(one.aggregate not in _AT_ONE_MOMENT for one in kpi.measures.values()):
        message = "at_end is for levels, and not all measures are one; write rolling, to_date, complete"
        yield document.mistake(("serve", 0), message)
    if kpi.alert is not None and "trend" in kpi.alert.when and not servings(kpi) & {"rolling", "complete"}:
        yield document.mistake(("alert", "when"), "a trend is one of complete windows, which serve leaves out")
    windows = kpi.windows.model_dump(mode="json", exclude_unset=True)
    as_written = list(kpi.serve) == document.data.get("serve") and windows == document.data.get("windows")
    if as_written and not _ALONE & set(kpi.serve):
        yield from _without_windows(document, kpi)
        yield from _without_serving(document, kpi)


def _without_windows(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    for number, name in enumerate(kpi.serve):
        if name == "rolling" and not kpi.windows.rolling:
            yield document.mistake(("serve", number), "there is no rolling window; declare one, such as rolling: [24h]")
        elif name != "rolling" and not (kpi.windows.tumbling or kpi.windows.calendar):
            message = f"there is no window to be {name}; declare one, such as calendar: [day]"
            yield document.mistake(("serve", number), message)


def _without_serving(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    for kind, wanted in (("rolling", {"rolling"}), ("tumbling", _PERIODS), ("calendar", _PERIODS)):
        if getattr(kpi.windows, kind) and not wanted & set(kpi.serve):
            message = f"these are never answered, as serve has no {listed(wanted)}; add it, or leave them out"
            yield document.mistake(("windows", kind), message, at_key=True)


def _of_used(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """What a KPI is served for although one that it uses is not."""
    for number, name in enumerate(kpi.uses):
        used = known.kpis.get(name)
        if used is None or used.model is None or not used.model.serve:
            continue
        beyond = sorted(_served(kpi) - servings(used.model))
        if beyond:
            message = f"{name!r} is not served for {listed(beyond)}; leave that out of serve, which has it by default"
            yield document.mistake(("uses", number), message)


def _served(kpi: Kpi) -> frozenset[str]:
    """What the KPI is served for, as far as it has windows of the kind."""
    windows = (_PERIODS, kpi.windows.tumbling or kpi.windows.calendar), ({"rolling"}, kpi.windows.rolling)
    return servings(kpi) & {"now", *(name for names, declared in windows if declared for name in names)}
