"""What a formula's result is made of, money and time, told by trying.

In a smaller unit of money all amounts are some factor more. What a formula gives is then a power of that factor more,
unless it adds an amount to a time. So nothing has to be parsed, and any function may stand in it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from itertools import product
from typing import Final

from kpi.formulas import FormulaError, Operand, evaluate, names_in
from schemas.declarations import Sql

_FACTOR: Final = 4.0
_NEAR: Final = 1e-9
_MOST_OPEN: Final = 3


@dataclass(frozen=True, slots=True, order=True)
class Dimension:
    """The power of each in a number: money, milliseconds, seconds. None of them: a plain number."""

    money: float = 0
    milliseconds: float = 0
    seconds: float = 0

    @property
    def time(self) -> float:
        """The power of time, in whatever it is measured."""
        return self.milliseconds + self.seconds

    def __str__(self) -> str:
        names = {"money": self.money, "milliseconds": self.milliseconds, "seconds": self.seconds}
        above = [_power(name, power) for name, power in names.items() if power > 0]
        below = [_power(name, -power) for name, power in names.items() if power < 0]
        if not above and not below:
            return "a plain number"
        return " / ".join([" x ".join(above) or "1", *below])


PLAIN: Final = Dimension()
MONEY: Final = Dimension(money=1)
MILLISECONDS: Final = Dimension(milliseconds=1)
SECONDS: Final = Dimension(seconds=1)

Possible = frozenset[Dimension]
"""What a number may be; several where something that it is made of is not told."""
OPEN: Final[Possible] = frozenset({PLAIN, MONEY, SECONDS})
"""Of what says nothing of itself: whatever makes a formula right."""


def results(formula: Sql, operands: Mapping[str, Possible]) -> Possible | None:
    """What the formula's result may be; empty where it adds or compares what has different dimensions.

    None: that cannot be told, since it has no value for any operands that were tried, or too many are open.
    """
    try:
        names = names_in(formula)
    except FormulaError:
        return None
    each = [sorted(operands[name]) for name in names]
    if sum(len(one) > 1 for one in each) > _MOST_OPEN:
        return None
    found = set()
    for chosen in product(*each):
        powers = [_power_of(formula, dict(zip(names, powers, strict=True))) for powers in _by_unit(chosen)]
        if any(power is None for power in powers):
            return None
        if not any(math.isnan(power) for power in powers if power is not None):
            found.add(Dimension(*(power for power in powers if power is not None)))
    return frozenset(found)


def squared(dimension: Dimension) -> Dimension:
    """Of a variance."""
    return Dimension(*(2 * power for power in astuple(dimension)))


def in_seconds(dimension: Dimension) -> Dimension:
    """Of what was milliseconds, divided by a thousand."""
    return replace(dimension, milliseconds=0, seconds=dimension.time)


def _by_unit(chosen: tuple[Dimension, ...]) -> Iterator[tuple[float, ...]]:
    """For money, milliseconds and seconds the powers of the operands."""
    yield tuple(one.money for one in chosen)
    yield tuple(one.milliseconds for one in chosen)
    yield tuple(one.seconds for one in chosen)


def _power_of(formula: Sql, powers: Mapping[str, float]) -> float | None:
    """The power by which the result grows; not a number where it grows by none, None where there is no result."""
    if not any(powers.values()):
        return 0.0
    seen = False
    for sample in _samples(list(powers)):
        larger = {name: number * _FACTOR ** powers[name] for name, number in sample.items()}
        rows = [{name: Operand(number) for name, number in one.items()} for one in (sample, larger)]
        try:
            once, more = (found.value for found in evaluate(formula, rows))
        except FormulaError:
            return None
        if not once or not more:
            continue
        seen = True
        if more / once > 0:
            power = math.log(more / once, _FACTOR)
            if abs(2 * power - round(2 * power)) < _NEAR:
                return round(2 * power) / 2
    return math.nan if seen else None


def _samples(names: list[str]) -> Iterator[dict[str, float]]:
    """Numbers without a common measure, in rising and in falling order, great and small, so that conditions differ."""
    for size in (1.0, 100.0, 0.01):
        numbers = [size * (1.37 + 0.83 * place + 0.011 * place**2) for place in range(len(names))]
        yield dict(zip(names, numbers, strict=True))
        yield dict(zip(names, reversed(numbers), strict=True))


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"
