"""KPIs that are computed member by member."""

from collections.abc import Iterator

from schemas.kpis import Kpi
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake


def check_members(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    """Mistakes in whose values are added up, and in the names of the sums."""
    if kpi.members is None:
        return
    for number, name in enumerate(kpi.members.of):
        if name not in kpi.dimensions:
            yield document.unknown(("members", "of", number), "dimension", name, kpi.dimensions)
    for name in kpi.members.sums:
        others = {"a measure": kpi.measures, "a KPI in uses": kpi.uses, "a parameter": kpi.parameters}
        what = next((what for what, those in others.items() if name in those), None)
        if what is not None:
            yield document.mistake(("members", "sums", name), f"{name!r} is the name of {what}, too; rename the sum")
    if kpi.compare:
        yield document.mistake(
            ("compare",), "what is added up is not compared; use the KPI in another one", at_key=True
        )
