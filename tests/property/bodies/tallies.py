"""Signed contributions added up, so that two accounts of them can be compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.oracle.bodies import LEVELS, STEPS
from tests.oracle.events import Event, by_key
from tests.oracle.steps.corrections import Corrections, Known, effective
from tests.oracle.steps.entity import Signed
from tests.oracle.windows.counting import Cells
from tests.property.bodies.logs import CORRECTIONS

Tally = dict[tuple[Any, ...], int]
"""(contribution, time, dimensions, value): how often; of a level, without the value: by how much it changes."""


def tally(signed: Iterable[Signed]) -> Tally:
    """What they come to; whatever cancels is left out."""
    found: Counter[tuple[Any, ...]] = Counter()
    for name, time, dimensions, value, sign in signed:
        if name in LEVELS:
            found[name, time, dimensions] += sign * value
        else:
            found[name, time, dimensions, value] += sign
    return {what: number for what, number in found.items() if number}


def stepped(body: str, events: Iterable[Event]) -> list[Signed]:
    """All that the accepted events contribute, by the plain step."""
    step = STEPS[body]()
    found: list[Signed] = []
    for history in by_key(events).values():
        standing: Iterable[Event] = history
        if body in CORRECTIONS:
            corrections = Corrections(CORRECTIONS[body])
            known: Known = {}
            for event in history:
                corrections.step(known, event)
            standing = effective(known)
        found += step.of(standing)
    return found


def cells(signed: Iterable[Signed], start: int, end: int) -> dict[str, Cells]:
    """What contributions come to in a window [start, end)."""
    found: dict[str, dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for name, time, dimensions, value, sign in signed:
        cell = found[name][dimensions]
        if name not in LEVELS and start <= time < end:
            cell[0] += sign
            cell[1] += sign * value
        elif name in LEVELS and time < end:
            cell[0] += sign * value
            cell[1] += sign * value * (end - max(start, time))
    some = {name: {d: (c[0], c[1]) for d, c in by.items() if any(c)} for name, by in found.items()}
    return {name: by for name, by in some.items() if by}
