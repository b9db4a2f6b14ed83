"""What other currencies are worth, as a bank says it in the afternoon of most working days, and corrects at times."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, HOUR, START
from tests.table.business.events import Event, Teller

_BEFORE = 6
"""Days before the year of which rates are said as it begins."""
_FIRST = {"USD": 92_000_000, "JPY": 615_000}
CURRENCIES = ("EUR", "USD", "EUR", "JPY", "USD", "EUR", "EUR")


def currency_of(name: str) -> str:
    """The currency of a story that ends in a number, such as `D17`."""
    digits = "".join(filter(str.isdigit, name))
    return CURRENCIES[int(digits or "0") % len(CURRENCIES)]


def rates(seed: str) -> Iterator[Event]:
    """All rates that are said in the year, in no order."""
    tell = Teller(f"{seed}-rates")
    for currency, first in _FIRST.items():
        rate, silent = first, 0
        for number in range(-_BEFORE, 365):
            rate = int(rate * tell.chance.uniform(0.985, 1.0155))
            day = datetime.date(2025, 1, 1) + datetime.timedelta(days=number)
            # Weekends and holidays have none; before the year and after five days there is one in any case.
            if number >= 0 and silent < 5 and (day.weekday() > 4 or tell.happens(0.12)):
                silent += 1
                continue
            silent = 0
            said = max(START + number * DAY + 15 * HOUR, START) + tell.chance.randrange(HOUR)
            yield from tell.say("fx.rate", said, currency=currency, date=str(day), rate=rate)
            if tell.happens(0.05):
                later = tell.after(said, 9 * DAY)
                yield from tell.say("fx.rate", later, currency=currency, date=str(day), rate=rate + rate // 40)


NOTHING: dict[str, dict[str, Any]] = {"fx.rate": {"date": "2025-01-01", "rate": 1}}
"""By stream, a record that counts for nothing, less its key, id and time."""
