"""Money is kept as integer minor units of its own currency; here it gets the digits that people write."""

from collections.abc import Iterable

_NO_CENTS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_MILLS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = {**dict.fromkeys(_NO_CENTS.split(" "), 0), **dict.fromkeys(_MILLS.split(" "), 3), "CLF": 4, "UYW": 4}
MONEY = "money"
"""The unit of a KPI whose formula gives minor units."""


class MixedCurrencies(Exception):
    """Amounts of several currencies met, and there are no rates to add them by."""


def digits(currency: str) -> int:
    """Digits after the point in ISO 4217: 2 for most currencies."""
    return _DIGITS.get(currency, 2)


def minor(amount: float) -> int:
    """Minor units of a computed amount, rounded half to even; only for output, never before a sum."""
    return round(amount)


def common(currencies: Iterable[str | None]) -> str | None:
    """The one currency of all that name one; None where none does. Raises MixedCurrencies."""
    named = {currency for currency in currencies if currency}
    if len(named) > 1:
        raise MixedCurrencies(", ".join(sorted(named)))
    return next(iter(named), None)
