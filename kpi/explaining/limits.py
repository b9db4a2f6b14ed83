"""What a KPI does not count, and when its values are final, in words."""

from collections.abc import Iterator, Sequence

from kpi.explaining.entries import names_read, span_of, states_read, things
from kpi.explaining.expressions import condition, is_always
from kpi.explaining.states import States
from kpi.explaining.streams import called, closed_by, late
from kpi.explaining.terms import terms_of
from kpi.explaining.words import listed, one, plain, quoted, sentence, span
from kpi.sources import OfEntity, OfPart, OfStream, Source
from schemas.durations import milliseconds
from schemas.entities import NEVER, Contribution, Entity
from schemas.kpis import Catalogue, Kpi, Measure
from schemas.recorded import EVER
from schemas.streams import Stream

_EVER = milliseconds(EVER)

Read = tuple[str, Measure, Source]
"""A measure by its name, and what it is taken of."""


def not_counted(catalogue: Catalogue, read: Sequence[Read], streams: Sequence[Stream]) -> Iterator[str]:
    """What is left out: by filters, reversals, time-outs and silence; then what holds for every event."""
    yield from dict.fromkeys(said for each in read for said in _left_out(catalogue, each, alone=len(read) == 1))
    for stream in streams:
        yield from late(stream)
    yield "An event that comes twice (with the same source and id) counts once."
    yield "An event that lacks a field, or breaks another rule of its stream, is put aside with the reason."


def _left_out(catalogue: Catalogue, read: Read, *, alone: bool) -> Iterator[str]:
    name, measure, source = read
    if measure.where and not is_always(measure.where):
        others = f"{things(source, measure.from_)} other than those for which {condition(measure.where)}"
        yield sentence(others if alone else f"in {quoted(plain(name))}: {others}")
    match source:
        case OfPart(stream, part):
            if part.where:
                yield f"Events of {called(stream)} other than those for which {condition(part.where)}."
            within = span_of(part, stream)
            if within is not None and part.within < _EVER:
                yield f"What {called(stream)} say of a date more than {within} after it."
        case OfEntity(entity, contribution):
            yield from _of_entity(catalogue, entity, contribution, things(source, measure.from_))
        case OfStream():
            return


def _of_entity(catalogue: Catalogue, entity: Entity, contribution: Contribution, of: str) -> Iterator[str]:
    told, terms = States(entity, catalogue.streams), terms_of(entity)
    if contribution.where:
        yield sentence(f"{of} other than where {condition(contribution.where, terms)}")
    if any(name in names_read(entity, contribution) for name in entity.deadlines):
        yield "What comes after its deadline is no longer in time; what never comes is dated by the deadline."
    for name in states_read(entity, contribution):
        state, said = entity.states[name], quoted(plain(name))
        taken = told.taken_back(name)
        if taken is not None:
            yield f"What is {said} and then taken back or given up: by {taken}."
        if state.opens is not None and state.within is not None:
            yield f"What would close {said} more than {span(state.within)} after its opening: that stays not closed."
        if state.lasting is not None:
            yield f"What {said} said more than {span(state.lasting)} ago."
        if state.first is not None:
            yield f"Further events after the one that sets {said}: it is set once."
    if entity.forget_after != NEVER:
        silence = f"of which nothing is heard for {span(entity.forget_after)}"
        yield f"What came before, of {one(plain(entity.entity))} {silence}: what comes then begins a new one."


def final(kpi: Kpi, reach: int, streams: Sequence[Stream]) -> Iterator[str]:
    """When a value is final. `reach`: how long after its date anything of it may change, in milliseconds."""
    yield "Until then a value is provisional: it is what is known so far, and may change with a higher revision number."
    for stream in streams:
        if stream.closing is not None:
            closed = f"once {closed_by(stream.closing)} has closed its last day"
            yield f"As far as it comes from {called(stream)}, a window is final {closed}."
        if stream.recorded:
            yield f"What {called(stream)} say may be replaced at any time: a value that was final is restated then."
    open_ended = [stream for stream in streams if stream.closing is None and not stream.recorded]
    if open_ended:
        wait = reach + kpi.posting_delay + max(stream.lateness for stream in open_ended)
        names = listed(called(stream) for stream in open_ended)
        yield f"A window is final once {names} {_have(open_ended)} been heard of up to {span(wait)} after its end."
        parts = [
            (reach, "for what may still be taken back, closed or said"),
            (kpi.posting_delay, "for what is booked later"),
        ]
        why = [f"{span(each)} {words}" for each, words in parts if each]
        if why:
            waiting = max(stream.lateness for stream in open_ended)
            yield f"That is {listed([*why, f'{span(waiting)} for what comes late'])}."


def _have(streams: Sequence[Stream]) -> str:
    return "have" if len(streams) > 1 else "has"
