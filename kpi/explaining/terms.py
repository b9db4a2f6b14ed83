"""What the names in an entity's contributions stand for."""

from collections.abc import Iterator

from kpi.explaining.expressions import Term
from kpi.explaining.words import plain, quoted
from schemas.entities import Entity
from schemas.states import State

_MOMENTS = {
    "time": "the moment of {}",
    "started": "the beginning of {}",
    "ended": "the end of {}",
    "opened": "the opening of {}",
    "closed": "the closing of {}",
    "entered": "the first entry into the stage",
    "left": "the moment at which the stage is left",
}
_NUMBERS = {
    "times": "how often {} was begun",
    "spent": "the time spent in the stage, all visits together",
}
_FLAGS = {"forward": "the stage is left forward", "followed": "{} is followed"}


def terms_of(entity: Entity) -> dict[str, Term]:
    """Every name that its contributions may read."""
    found: dict[str, Term] = {}
    for name, state in entity.states.items():
        for offered, term in _of_state(name, state):
            found.setdefault(offered, term)
    found |= {name: Term(f"the deadline {quoted(plain(name))}", is_moment=True) for name in entity.deadlines}
    return found | {name: Term(f"the time {quoted(plain(name))}") for name in entity.durations}


def _of_state(name: str, state: State) -> Iterator[tuple[str, Term]]:
    said = quoted(plain(name))
    if state.stages:
        yield name, Term("the stage")
    for part, words in _MOMENTS.items():
        yield f"{name}_{part}", Term(words.format(said), is_moment=True)
    for part, words in _NUMBERS.items():
        yield f"{name}_{part}", Term(words.format(said))
    for part, words in _FLAGS.items():
        yes = words.format(said)
        yield f"{name}_{part}", Term(f"1 if {yes}, else 0", yes=yes)
    for part in state.counting:
        yield f"{name}_{part}", Term(f"how often there was {quoted(plain(part))} in {said}")
    for field in state.carrying:
        yield f"{name}_{field}", Term(f"its {plain(field.removesuffix('_minor'))} at {said}")
        yield f"{name}_closing_{field}", Term(f"the {plain(field.removesuffix('_minor'))} of what closes {said}")
