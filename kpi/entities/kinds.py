"""Declared states as vectors, by kind."""

from collections.abc import Callable

from kpi.entities.states.episodes import Episode
from kpi.entities.states.holdings import Holding, Latest
from kpi.entities.states.lanes import Lanes
from kpi.entities.states.moments import First, FirstOfAll, FirstUnless, Last, Settable
from kpi.entities.states.openings import Openings
from kpi.entities.states.pairs import Pairing
from kpi.entities.states.stages import Course
from schemas.states import Predicate, State

Kind = First | FirstOfAll | FirstUnless | Last | Settable | Episode | Latest | Lanes | Pairing | Openings | Course


def compiled(state: State, add: Callable[[Predicate | None], int], after: Kind | None) -> Kind:
    """A state. `add`: gives a condition on records its bit. `after`: the state that it comes after.

    Raises TypeError where that is of another kind than `first` and `set`.
    """
    within = state.within or 0
    kind: Kind
    if state.first is not None:
        kind = _first(state, add, after)
    elif state.last is not None:
        kind = Last(add(state.last), _anchor(after), state.within)
    elif state.set is not None:
        kind = Settable(add(state.set), add(state.clear), within)
    elif state.enter is not None:
        holding = Holding(add(state.enter), add(state.leave), add(state.renew), add(state.drop))
        kind = Episode(holding, state.within, tuple(map(add, state.counting.values())), add(state.followed))
    elif state.latest is not None:
        kind = Latest(add(state.latest), state.lasting)
    elif state.opens is not None and state.every:
        taking = add(state.unless), add(state.unclosed)
        kind = Openings(add(state.opens), add(state.closes), within, *taking)
    elif state.opens is not None:
        kind = Pairing(add(state.opens), add(state.closes), within)
    elif state.stages:
        kind = Course(tuple(map(add, state.stages.values())), add(state.won), add(state.lost), within)
    else:
        held = state.while_ or ""
        says: Predicate = "true" if isinstance(held, str) else dict.fromkeys(held, "true")
        kind = Lanes(add(says), add(held), united=not state.each)
    return kind


def _first(
    state: State, add: Callable[[Predicate | None], int], after: Kind | None
) -> First | FirstOfAll | FirstUnless:
    if state.unless is not None:
        return FirstUnless(add(state.first), add(state.unless), state.within or 0)
    if state.for_all is not None:
        return FirstOfAll(add(state.first), add(state.for_all))
    return First(add(state.first), _anchor(after) if after is not None else None)


def _anchor(after: Kind | None) -> First | Settable:
    if not isinstance(after, First | Settable):
        raise TypeError("after names a state of kind first or set")
    return after
