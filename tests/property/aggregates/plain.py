"""What every aggregate is, event by event. Shares no code with the core.

Where the definition leaves open which of several events of one moment counts, any of their values may be the answer.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

from tests.property.aggregates.events import Event

Number = int | float | None


def window(some: Sequence[Event], start: int, end: int) -> list[Event]:
    """The events in [start, end)."""
    return [event for event in some if start <= event.time < end]


def standing(some: Sequence[Event]) -> list[Event]:
    """What is not withdrawn."""
    gone = {event.id for event in some if event.sign < 0}
    return [event for event in some if event.id not in gone]


def amounts(some: Sequence[Event]) -> list[int]:
    return [event.amount for event in some if event.amount is not None]


def mean(some: Sequence[Event]) -> Number:
    values = amounts(some)
    return sum(values) / len(values) if values else None


def variance(some: Sequence[Event]) -> Number:
    """The mean square distance from the mean."""
    values = amounts(some)
    if not values:
        return None
    middle = Fraction(sum(values), len(values))
    return float(sum((value - middle) ** 2 for value in values) / len(values))


def nearest_rank(some: Sequence[Event], share: Fraction) -> Number:
    values = sorted(amounts(some))
    return values[max(math.ceil(share * len(values)), 1) - 1] if values else None


def people(some: Sequence[Event]) -> Counter[str]:
    return Counter(event.person for event in some if event.person is not None)


def at(some: Sequence[Event], choose: Callable[[Sequence[int]], int]) -> set[int]:
    """The values of the events at the first or last moment that has a value."""
    valued = [event for event in some if event.amount is not None]
    moment = choose([event.time for event in valued]) if valued else None
    return {event.amount for event in valued if event.time == moment and event.amount is not None}


def latest_sums(some: Sequence[Event]) -> set[int]:
    """The sums over people of the amount of the last event of each."""
    lasts = [at([e for e in some if e.person == person], max) for person in people(some)]
    return {sum(values) for values in product(*(last for last in lasts if last))}


def level(some: Sequence[Event], end: int) -> int:
    return sum(event.amount or 0 for event in some if event.time < end)


def lost(some: Sequence[Event], start: int, end: int) -> int:
    """What the people had at the start who have nothing at the end, person by person."""
    each = {person: [event for event in some if event.person == person] for person in people(some)}
    return sum(level(mine, start) for mine in each.values() if not level(mine, end))


def integral(some: Sequence[Event], start: int, end: int) -> int:
    """Level x milliseconds, change by change."""
    return sum((event.amount or 0) * (end - max(event.time, start)) for event in some if event.time < end)
