"""Durations of entities: the moments at their ends, their calendar, and the states that do not count."""

from collections.abc import Iterator

from schemas.entities import Elapsed, Entity
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake, listed
from services.runtime.catalogue.scopes import measured_of, offered_by


def check_durations(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in the durations of an entity."""
    offered = offered_by(entity)
    for name, elapsed in entity.durations.items():
        place: Place = ("durations", name)
        if name in offered:
            yield document.mistake(place, f"the state {offered[name]!r} offers {name!r} already; rename the duration")
        elif name in entity.deadlines:
            yield document.mistake(place, f"a deadline is called {name!r} already; rename the duration")
        yield from _ends(document, place, elapsed, entity)
        yield from check_calendar_name(document, (*place, "calendar"), elapsed.calendar, known)
        for number, state in enumerate(elapsed.less):
            yield from _less(document, (*place, "less", number), state, entity)


def check_calendar_name(document: Document, place: Place, name: str | None, known: Declarations) -> Iterator[Mistake]:
    """The mistake of naming a calendar that there is not."""
    if name is not None and name not in known.calendars and not known.excused("calendar", name):
        yield document.unknown(place, "calendar", name, known.calendars.keys())


def _ends(document: Document, place: Place, elapsed: Elapsed, entity: Entity) -> Iterator[Mistake]:
    if len(entity.states) < len(document.names(("states",))):
        return  # what is broken may offer it
    deadlines = document.names(("deadlines",))
    owners = measured_of(document, entity, elapsed)
    for key, name, owner in zip(("from", "to"), (elapsed.from_, elapsed.to), owners, strict=True):
        if owner is None:
            yield document.unknown((*place, key), f"moment of {entity.entity}", name, [*entity.moments, *deadlines])
        elif name in deadlines and elapsed.less:
            message = f"{name!r} is a deadline, and less goes with moments of states; leave less out"
            yield document.mistake((*place, key), message)
    if None not in owners and owners[0] != owners[1]:
        message = f"{elapsed.from_!r} and {elapsed.to!r} are not read together: take two moments of one state, or of "
        yield document.mistake((*place, "to"), f"{message}states of first, last and set and deadlines")


def _less(document: Document, place: Place, state: str, entity: Entity) -> Iterator[Mistake]:
    held = [name for name, one in entity.states.items() if one.enter is not None]
    if state not in document.names(("states",)):
        yield document.unknown(place, f"state of {entity.entity}", state, held or entity.states)
    elif state in entity.states and state not in held:
        message = f"less is of states that are held (enter), and {state!r} is none; {entity.entity} has {listed(held)}"
        yield document.mistake(place, message)
