"""What money of other currencies is worth in euros, by exact fractions: at the rate of a UTC day."""

import datetime
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

EUROS = "EUR"
HELD = 7
"""For how many days a rate is used where none was said."""
_NO_CENTS = frozenset({"JPY"})
Rates = Mapping[tuple[str, str], int]
"""By currency and date, 10^-8 of a euro for one whole unit."""


def rates(said: Iterable[Mapping[str, Any]]) -> Rates:
    """What was said last of each currency and day, of records in order of time."""
    return {(body["currency"], body["date"]): body["rate"] for body in said}


def day_of(at: int) -> datetime.date:
    """The UTC day of a moment (epoch milliseconds)."""
    return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).date()


def in_force(known: Rates, currency: str, day: datetime.date, held: int = HELD) -> int:
    """The rate of the day, or the last one before it; those of the year have no gap that is longer."""
    if currency == EUROS:
        return 10**8
    for before in range(held + 1):
        found = known.get((currency, str(day - datetime.timedelta(days=before))))
        if found is not None:
            return found
    raise LookupError(f"no rate of {currency} for {day}")


def in_euros(amount: int | Fraction, currency: str, rate: int) -> int | Fraction:
    """Cents of a euro, unrounded, of minor units of a currency."""
    digits = 0 if currency in _NO_CENTS else 2
    return amount if currency == EUROS else Fraction(amount) * Fraction(rate * 100, 10 ** (8 + digits))
