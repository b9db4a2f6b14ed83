"""Money is kept as integer minor units of its own currency; here it becomes what is given out."""

import math
from collections.abc import Iterable
from fractions import Fraction

_NEAR = 4
"""How many units in the last place a computed number may be away from what it would be without rounding."""


class MixedCurrencies(Exception):
    """Amounts of several currencies met, and there are no rates to add them by."""


def minor(amount: float | Fraction) -> int:
    """Minor units of a computed amount, rounded half to even; only for output, never before a sum.

    A sum of halves that a formula has computed may lie beside the half by the last of its digits: it is taken for one.
    """
    if isinstance(amount, float):
        half = round(amount * 2) / 2
        if abs(amount - half) <= _NEAR * math.ulp(amount):
            return round(half)
    return round(amount)


def common(currencies: Iterable[str | None]) -> str | None:
    """The one currency of all that name one; None where none does. Raises MixedCurrencies."""
    named = {currency for currency in currencies if currency}
    if len(named) > 1:
        raise MixedCurrencies(", ".join(sorted(named)))
    return next(iter(named), None)
