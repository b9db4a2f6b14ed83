"""Entities: their keys, states, deadlines, durations and contributions."""

from collections.abc import Iterator

from kpi.calendars import business_time
from kpi.grains import HOUR
from schemas.entities import NEVER, Deadline, Entity
from schemas.streams import FieldType
from services.runtime.catalogue.checks.calendars import sound_calendar
from services.runtime.catalogue.checks.contributions import check_contributions
from services.runtime.catalogue.checks.durations import check_calendar_name, check_durations
from services.runtime.catalogue.checks.keys import check_keys
from services.runtime.catalogue.checks.states import check_states
from services.runtime.catalogue.checks.streams import check_zone
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake, listed
from services.runtime.catalogue.scopes import fields_named


def check_entity(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in an entity."""
    yield from check_keys(document, entity, known)
    yield from check_states(document, entity, known)
    yield from _deadlines(document, entity, known)
    yield from check_durations(document, entity, known)
    yield from check_contributions(document, entity, known)


def _deadlines(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    for name, deadline in entity.deadlines.items():
        place: Place = ("deadlines", name)
        if deadline.after not in document.names(("states",)):
            yield document.unknown((*place, "after"), f"state of {entity.entity}", deadline.after, entity.states)
        elif deadline.after in entity.states and not entity.states[deadline.after].is_anchor:
            slots = listed(state for state, one in entity.states.items() if one.is_anchor)
            message = f"a deadline runs from a state of first or set, and {deadline.after!r} is none; there is {slots}"
            yield document.mistake((*place, "after"), message)
        if deadline.target is None:
            yield from _day(document, place, deadline, entity, known)
            continue
        target = known.targets.get(deadline.target)
        if target is None or target.model is None:
            if not known.excused("target", deadline.target):
                yield document.unknown((*place, "target"), "target", deadline.target, known.targets)
            continue
        longest = round(max((value.value or 0 for value in target.model.values), default=0) * 1000)
        by_calendar = list(check_calendar_name(document, (*place, "calendar"), deadline.calendar, known))
        yield from by_calendar
        if longest > entity.forget_after:
            message = f"forget_after is shorter than the longest value of the target {deadline.target!r}"
            yield document.mistake(("forget_after",), message)
        elif deadline.calendar is not None and not by_calendar:
            yield from _by_calendar(document, entity, deadline, longest, known)


def _by_calendar(
    document: Document, entity: Entity, deadline: Deadline, longest: int, known: Declarations
) -> Iterator[Mistake]:
    """A reply may come as late as the deadline lies ahead: nights, weekends and holidays count."""
    versions = sound_calendar(known, deadline.calendar or "")
    if versions is None or entity.forget_after == NEVER:
        return
    hours = -(-business_time(versions).longest(longest) // HOUR)
    if hours * HOUR > entity.forget_after:
        message = f"forget_after is shorter than the longest value of the target {deadline.target!r} can take by "
        message = f"{message}the calendar {deadline.calendar!r}: make it {hours}h or longer"
        yield document.mistake(("forget_after",), message)


def _day(
    document: Document, place: Place, deadline: Deadline, entity: Entity, known: Declarations
) -> Iterator[Mistake]:
    state = entity.states.get(deadline.after)
    if state is None or deadline.day is None:
        return
    what = f"field carried by {entity.entity}'s state {deadline.after!r}:"
    if deadline.day not in state.carrying:
        yield document.unknown((*place, "day"), what, deadline.day, state.carrying)
    for stream, field in fields_named(entity, deadline.day, known).items():
        if field.type is not FieldType.date:
            message = f"{deadline.day!r} is {field.type.value} in {stream}: a deadline's day is a date"
            yield document.mistake((*place, "day"), message)
    if deadline.zone not in state.carrying:
        yield from check_zone(document, (*place, "zone"), deadline.zone)
