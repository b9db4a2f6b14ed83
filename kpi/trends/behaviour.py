"""Whether a series goes on as it did: limits of what is ordinary for it, and rules of what is not.

The chart of individual values and moving ranges (XmR; Shewhart 1931; Wheeler 1993, Understanding variation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean
from typing import Literal

from kpi.targets import Direction

SCALE = 2.66
"""Three standard deviations in mean moving ranges: 3 / d2, of which d2 = 1.128 for ranges of two values."""

Side = Literal["above", "below"]


class Rule(StrEnum):
    """beyond: one value beyond a limit. near: most of a few beyond two thirds of the way to it, on one side.
    run: many in a row on one side of the mean.
    """

    beyond = "beyond"
    near = "near"
    run = "run"


@dataclass(frozen=True, slots=True)
class Rules:
    """How many values it takes: `near` of any `near_of` in a row, and `run` in a row (7 or 8 by usual tables).

    `near_at`: in standard deviations. Wheeler's own is 1.5; at 2 a series of chance alone sets it off less often.
    """

    near: int = 3
    near_of: int = 4
    near_at: float = 2.0
    run: int = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What is ordinary, in the unit of the values: `mean ± 2.66 × mean moving range`. `sigma`: a third of the way."""

    low: float
    mean: float
    high: float

    @property
    def sigma(self) -> float:
        """The standard deviation that the moving ranges stand for."""
        return (self.high - self.mean) / 3


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that is met by the value at index `place` together with those before it, on one side of the mean."""

    rule: Rule
    side: Side
    place: int


def limits_of(values: Sequence[float]) -> Limits | None:
    """The natural process limits of values in order of time; None for fewer than two.

    The mean moving range is that of the distances of neighbours, which a trend or a step widens less than it would
    the standard deviation of all values.
    """
    if len(values) < 2:
        return None
    mean = fmean(values)
    width = SCALE * fmean(abs(later - earlier) for earlier, later in pairwise(values))
    return Limits(mean - width, mean, mean + width)


def signals_of(values: Sequence[float], limits: Limits, rules: Rules | None = None) -> tuple[Signal, ...]:
    """Where values in order of time break a rule, in that order; `rules`: those of `Rules()` where none are given.

    `limits` may be of these values or of earlier ones. What lies on a limit or on the mean is on no side of it. A
    rule of several values is met at the last of them, and again by each that carries it on.
    """
    rules = rules or Rules()
    found = []
    sides: tuple[tuple[Side, int], ...] = (("above", 1), ("below", -1))
    for side, sign in sides:
        away = [sign * (value - limits.mean) for value in values]
        most, near = 3 * limits.sigma, rules.near_at * limits.sigma
        for place, distance in enumerate(away):
            last, row = (
                away[max(place + 1 - rules.near_of, 0) : place + 1],
                away[max(place + 1 - rules.run, 0) : place + 1],
            )
            if distance > most:
                found.append(Signal(Rule.beyond, side, place))
            if distance > near and sum(each > near for each in last) >= rules.near:
                found.append(Signal(Rule.near, side, place))
            if len(row) == rules.run and min(row) > 0:
                found.append(Signal(Rule.run, side, place))
    return tuple(sorted(found, key=lambda signal: signal.place))


def unfavourable(signals: Sequence[Signal], direction: Direction) -> tuple[Signal, ...]:
    """Those on the bad side: above where less is better, below where more is; none where neither is better."""
    bad = {"up": "below", "down": "above"}.get(direction)
    return tuple(signal for signal in signals if signal.side == bad)
