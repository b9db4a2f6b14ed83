"""Entities: their keys, states, deadlines and contributions."""

from collections.abc import Iterator

from schemas.entities import Entity
from services.runtime.catalogue.checks.contributions import check_contributions
from services.runtime.catalogue.checks.keys import check_keys
from services.runtime.catalogue.checks.states import check_states
from services.runtime.catalogue.declarations import Declarations
from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake, listed


def check_entity(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    """Mistakes in an entity."""
    yield from check_keys(document, entity, known)
    yield from check_states(document, entity, known)
    yield from _deadlines(document, entity, known)
    yield from check_contributions(document, entity, known)


def _deadlines(document: Document, entity: Entity, known: Declarations) -> Iterator[Mistake]:
    for name, deadline in entity.deadlines.items():
        place: Place = ("deadlines", name)
        if deadline.after not in document.names(("states",)):
            yield document.unknown((*place, "after"), f"state of {entity.entity}", deadline.after, entity.states)
        elif deadline.after in entity.states and not entity.states[deadline.after].is_slot:
            slots = listed(state for state, one in entity.states.items() if one.is_slot)
            message = f"a deadline runs from a state of first or set, and {deadline.after!r} is none; there is {slots}"
            yield document.mistake((*place, "after"), message)
        target = known.targets.get(deadline.target)
        if target is None or target.model is None:
            if not known.excused("target", deadline.target):
                yield document.unknown((*place, "target"), "target", deadline.target, known.targets)
            continue
        longest = max((value.value or 0 for value in target.model.values), default=0)
        if longest * 1000 > entity.forget_after:
            message = f"forget_after is shorter than the longest value of the target {deadline.target!r}"
            yield document.mistake(("forget_after",), message)
