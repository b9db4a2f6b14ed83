"""Names that a catalogue cannot give, since something else stands under them."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake

# Beside a record's fields while it is judged: what is known of the record itself.
_OF_RECORDS: Final = frozenset({"appended", "index", "lateness", "offset", "watermark"})
# Beside a pane row's dimensions: the row's own columns.
_OF_ROWS: Final = frozenset({"extra", "n", "s0", "s1", "sign", "start", "tie", "time", "value"})
# Beside dimensions in a query of the api.
_OF_QUERIES: Final = frozenset({"at", "by", "complete", "include_open", "kpi", "points", "time_zone", "window"})
# Beside dimensions among the labels of a metric or an alert.
_OF_LABELS: Final = frozenset({"department", "instance", "job", "periods_ago", "severity", "status"})


def check_fields(document: Document, key: str) -> Iterator[Mistake]:
    """The mistakes of fields, or of what else stands under the key beside them, whose names are taken."""
    for name in document.names((key,)):
        if name in _OF_RECORDS:
            message = f"the service keeps something of its own as {name!r}; name the field otherwise"
            yield document.mistake((key, name), message, at_key=True)


def check_dimensions(document: Document, place: Place, dimensions: Iterable[str]) -> Iterator[Mistake]:
    """The mistakes of a KPI's dimensions whose names are taken."""
    for number, name in enumerate(dimensions):
        if name in _OF_ROWS | _OF_QUERIES:
            message = f"the service keeps something of its own as {name!r}; name the dimension otherwise"
            yield document.mistake((*place, number), message)


def check_labels(document: Document, place: Place, labels: Iterable[str]) -> Iterator[Mistake]:
    """The mistakes of an alert's labels whose names are taken."""
    for number, name in enumerate(labels):
        if name in _OF_LABELS:
            yield document.mistake((*place, number), f"every alert has a label {name!r} of its own")
