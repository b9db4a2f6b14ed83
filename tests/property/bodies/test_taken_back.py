"""What may come in the place of a record that is taken back is kept for as long as that may happen."""

import pytest

from tests.oracle.events import Arrival, Event
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import stepped, tally

HORIZON = 7


def arrival(number: int, time: int, order: str, action: str, horizon: int) -> Arrival:
    """A record of one customer, and the horizon after it."""
    fields = {"customer_id": "a", "order_id": order, "action": action, "market": "home", "amount": 1}
    return Arrival(Event(time, False, "", str(number), ("a",), "trade.order", fields), horizon)


@pytest.mark.parametrize(("cancelled", "first"), [(8, 2), (12, 2), (13, 0)])
def test_a_later_order_comes_in_the_place_of_the_first_one(cancelled: int, first: int) -> None:
    arrivals = [
        arrival(0, 0, "one", "placed", -50),
        arrival(1, 2, "two", "placed", HORIZON),
        arrival(2, cancelled, "one", "cancelled", HORIZON),
    ]
    driven = Driven("newcomer", arrivals)
    driven.take(2)
    driven.forget()
    driven.take(1)
    assert tally(driven.signed) == tally(stepped("newcomer", driven.events))
    counted = {signed.time: 0 for signed in driven.signed}
    for signed in driven.signed:
        counted[signed.time] += signed.sign
    assert {time for time, count in counted.items() if count} == {first}
