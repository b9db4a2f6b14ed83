"""Calendars: their zone, their hours, and their holidays."""

from collections.abc import Iterator

from schemas.calendars import Calendar
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake


def check_calendar(document: Document, calendar: Calendar) -> Iterator[Mistake]:
    """Mistakes in a calendar."""
    yield from check_zone(document, ("zone",), calendar.zone)
    for day, hours in calendar.hours.days():
        yield from _overlaps(document, ("hours", day), hours)
    seen = set()
    for number, holiday in enumerate(calendar.holidays):
        place: Place = ("holidays", number)
        if holiday in seen:
            yield document.mistake(place, f"{holiday} stands here twice")
        elif calendar.valid_from is not None and holiday < calendar.valid_from:
            message = f"{holiday} lies before {calendar.valid_from}, from when on this counts: leave it out"
            yield document.mistake(place, message)
        seen.add(holiday)


def sound_calendar(known: Declarations, name: str) -> tuple[Calendar, ...] | None:
    """All that is declared of a calendar; None where any of it has a mistake, or there is none."""
    declared = known.calendars.get(name, ())
    models = tuple(one.model for one in declared if one.model and not any(check_calendar(one.document, one.model)))
    return models if models and len(models) == len(declared) else None


def _overlaps(document: Document, place: Place, hours: tuple[tuple[int, int], ...]) -> Iterator[Mistake]:
    for number, (start, end) in enumerate(hours):
        if any(start < other_end and other_start < end for other_start, other_end in hours[:number]):
            yield document.mistake((*place, number), f"{place[-1]}: two of its hours overlap; write them as one")
