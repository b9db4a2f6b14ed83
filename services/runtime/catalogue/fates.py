"""Measures of what became of records: of one stream, or of every stream that is loaded."""

import re
from collections.abc import Iterator, Mapping

from schemas.kpis import Aggregate, Kpi, Measure
from schemas.parts import EVERY_STREAM, FATES
from schemas.streams import Stream
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake


def spelled_out(kpi: Kpi, streams: Mapping[str, Stream]) -> Kpi:
    """The KPI with a measure of each stream in the place of one of every stream, and their sum in its formulas.

    A stream that was never heard of adds nothing, and figures that people record have no part in it.
    """
    every = [name for name, stream in streams.items() if not stream.recorded]
    measures: dict[str, Measure] = {}
    sums: dict[str, str] = {}
    for name, measure in kpi.measures.items():
        if measure.from_ != EVERY_STREAM:
            measures[name] = measure
            continue
        each = {
            f"{name}__{stream.replace('.', '_')}": measure.model_copy(update={"from_": f"{stream}.{FATES}"})
            for stream in every
        }
        measures |= each
        sums[name] = "(" + (" + ".join(f"coalesce({one}, 0)" for one in each) or "0") + ")"
    if not sums:
        return kpi

    def summed(sql: str) -> str:
        return re.sub(r"\b\w+\b", lambda found: sums.get(found[0], found[0]), sql)

    update = {
        "measures": measures,
        "formula": summed(kpi.formula),
        "also": {name: summed(sql) for name, sql in kpi.also.items()},
        "flags": {name: summed(sql) for name, sql in kpi.flags.items()},
    }
    return kpi.model_copy(update={key: value for key, value in update.items() if value})


def check_fates(document: Document, kpi: Kpi) -> Iterator[Mistake]:
    """Mistakes in measures that are taken over every stream."""
    for name, measure in kpi.measures.items():
        if measure.from_ == EVERY_STREAM and (measure.aggregate is not Aggregate.count or kpi.members is not None):
            message = f"{EVERY_STREAM} is counted (aggregate: count), and not by members"
            yield document.mistake(("measures", name, "aggregate"), message)
