"""What the stream of recorded values contributes to the KPIs whose values people record."""

from collections.abc import Iterator
from dataclasses import replace

from schemas.kpis import Kpi
from schemas.parts import StreamPart
from schemas.recorded import VALUES, contributed
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake


def with_recorded(known: Declarations) -> Declarations:
    """The declarations, in which the stream contributes to every KPI that is recorded."""
    declared = known.streams.get(VALUES)
    if declared is None or declared.model is None:
        return known
    parts = {
        name: StreamPart.model_validate(part)
        for one in known.kpis.values()
        if one.model is not None and one.model.recorded is not None
        for name, part in contributed(one.model.kpi, one.model.recorded, one.model.unit, one.model.dimensions).items()
    }
    stream = declared.model.model_copy(update={"contributions": {**declared.model.contributions, **parts}})
    return replace(known, streams={**known.streams, VALUES: replace(declared, model=stream)})


def check_recorded(document: Document, kpi: Kpi, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in a KPI whose values people record."""
    if VALUES not in known.streams and not known.excused("stream", VALUES):
        yield document.mistake(("recorded",), f"there is no stream {VALUES!r} to record values in")
    for key in ("uses", "whole", "compare", "members", "parameters"):
        if document.data.get(key):
            yield document.mistake((key,), "what people record is made of nothing else; leave it out", at_key=True)
    del kpi
