"""What holds for the whole catalogue."""

import re
from collections.abc import Iterator

from schemas.kpis import Reporting
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake


def check_reporting(document: Document, reporting: Reporting) -> Iterator[Mistake]:
    """Mistakes in the reporting zones and currency."""
    if not reporting.zones:
        yield document.mistake(("zones",), "name at least one time zone, such as [UTC]")
    for number, zone in enumerate(reporting.zones):
        yield from check_zone(document, ("zones", number), zone)
        if zone in reporting.zones[:number]:
            yield document.mistake(("zones", number), f"{zone!r} stands here twice")
    currency = reporting.currency
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        message = f"{currency!r} is no currency: write the three capitals of ISO 4217, such as EUR"
        yield document.mistake(("currency",), message)
