"""What somebody looked up of markets, and what turned out to be otherwise."""

import datetime
from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import DAY, first_instant
from tests.table.business.events import Event, Teller

_SIZES = {"dach": (9_000_000, 40_000), "iberia": (4_000_000, 15_000)}
"""By market what is sold in a quarter, in cents, and how many people there are."""
_FROM = {"dach": 1, "iberia": 2}
"""The first quarter of which something is known."""


def markets(seed: str) -> Iterator[Event]:
    """All figures of the year, in no order."""
    tell = Teller(f"{seed}-markets")
    for market, (size, people) in _SIZES.items():
        for quarter in range(_FROM[market], 5):
            first = datetime.date(2025, 3 * quarter - 2, 1)
            following = datetime.date(2025 + quarter // 4, 3 * quarter % 12 + 1, 1)
            same = {
                "market_id": market,
                "valid_from": str(first),
                "valid_to": str(following - datetime.timedelta(days=1)),
                "currency": "EUR",
            }
            at = first_instant(first, "UTC") + int(tell.chance.uniform(2, 20) * DAY)
            yield from _figure(tell, at, size, people, same)


def _figure(tell: Teller, at: int, size: int, people: int, same: dict[str, Any]) -> Iterator[Event]:
    (event,) = tell.say("market.figure", at, **same, **_about(tell, size, people), figure_source="a guess")
    yield event
    if tell.happens(0.6):
        later = at + int(tell.chance.uniform(1, 30) * DAY)
        said = {**same, **_about(tell, size, people), "corrects": event.body["id"]}
        yield from tell.say("market.figure", later, **said, figure_source="a report")


def _about(tell: Teller, size: int, people: int) -> dict[str, int]:
    return {
        "value_minor": int(size * tell.chance.uniform(0.7, 1.4)),
        "population": int(people * tell.chance.uniform(0.7, 1.4)),
    }


NOTHING: dict[str, dict[str, Any]] = {
    "market.figure": {"valid_from": "2025-01-01", "valid_to": "2025-01-31", "figure_source": "nowhere"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
