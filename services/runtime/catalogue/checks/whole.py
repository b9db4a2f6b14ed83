"""What is read whole, for want of a dimension."""

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
    parts = bool(kpi.measures or kpi.uses)
    if kpi.dimensions and parts and set(kpi.uses) <= set(lacking) and all(m.whole for m in kpi.measures.values()):
        message = "all that it is made of is read whole, so that it has no dimensions; read one part by them"
        yield document.mistake(("dimensions",), message, at_key=True)
