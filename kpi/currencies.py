"""The digits that currencies have after the point, by ISO 4217: two, but for the few that are named here."""

from typing import Final

_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"
_DIGITS: Final = {code: digits for digits, codes in ((0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split(" ")}

MOST_DIGITS: Final = 4


def digits(currency: str) -> int:
    """Digits after the point, 0 to `MOST_DIGITS`."""
    return _DIGITS.get(currency, 2)
