"""What is in stock, as it is read now and then."""

from collections.abc import Iterator
from typing import Any

from tests.table.business.clock import moments
from tests.table.business.events import Event, Teller

_COSTS = {"chair": 4000, "lamp": 900, "table": 15000}


def inventory(seed: str) -> Iterator[Event]:
    """All readings of the year, in no order."""
    tell = Teller(f"{seed}-inventory")
    for time in moments(tell.chance, daily=3, at_edges=4, busy=40):
        sku, quantity = tell.one_of(chair=0.5, lamp=0.3, table=0.2), tell.chance.randint(0, 90)
        yield from tell.say(
            "inventory.level",
            time,
            sku=sku,
            site=tell.one_of(port=0.6, yard=0.4),
            qty=quantity,
            # What it cost is not the same at all times.
            value_minor=quantity * (_COSTS[sku] + tell.chance.randint(-200, 200)),
            currency="EUR",
        )


NOTHING: dict[str, dict[str, Any]] = {
    "inventory.level": {"site": "none", "qty": -1, "value_minor": 0, "currency": "EUR"},
}
"""By stream, a record that counts for nothing, less its key, id and time."""
