"""Which fields of a record a contribution reads."""

from kpi.formulas import names_in
from schemas.parts import StreamPart
from schemas.streams import Stream


def fields_of(stream: Stream, part: StreamPart) -> frozenset[str]:
    """The fields of the stream that its contribution reads. Raises FormulaError."""
    named = {name for sql in part.expressions for name in names_in(sql)}
    return frozenset({*named, *part.days, part.zone or ""} & stream.columns.keys())
