"""Used KPIs that are read whole, for want of a dimension."""

from collections.abc import Iterator

from schemas.kpis import Kpi
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake


def check_whole(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in what a KPI reads whole."""
    lacking = []
    for number, name in enumerate(kpi.whole):
        used = known.kpis.get(name)
        if name not in kpi.uses:
            yield document.unknown(("whole", number), "KPI of uses", name, kpi.uses)
        elif used is not None and used.model is not None and set(kpi.dimensions) <= set(used.model.dimensions):
            message = f"{name!r} has all dimensions of {kpi.kpi}, so nothing has to be read whole; leave it out"
            yield document.mistake(("whole", number), message)
        else:
            lacking.append(name)
    if kpi.dimensions and not kpi.measures and kpi.uses and set(kpi.uses) <= set(lacking):
        message = "all that it is made of is read whole, so that it has no dimensions; leave one KPI out of whole"
        yield document.mistake(("dimensions",), message, at_key=True)
