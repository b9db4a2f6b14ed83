"""What may come in the place of a record that is taken back is kept for as long as that may happen."""

from collections.abc import Sequence

import pytest

from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Arrival, Event
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import stepped, tally
from tests.property.rules.leads import created, merged, reverted, won

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


def settled_before_the_last(body: str, log: Sequence[Event], horizon: int) -> list[tuple[str, int, int]]:
    """What stands of a log of which all but the last record was settled: (contribution, moment, value)."""
    times = [event.time - SECOND_DAY for event in log]
    assert max(times[:-1]) < horizon <= times[-1]
    driven = Driven(body, [Arrival(event, SECOND_DAY + horizon) for event in log])
    driven.take(len(log) - 1)
    driven.forget()
    driven.take(1)
    standing = tally(driven.signed)
    assert standing == tally(stepped(body, driven.events))
    return sorted((name, time - SECOND_DAY, value) for name, time, _, value in standing)


def test_a_closing_that_is_taken_back_gives_way_to_the_next_one() -> None:
    log = [created(0, "1"), won(5, "2", deal="d"), won(6, "3", deal="e"), reverted(11, "4", "d")]
    assert settled_before_the_last("sale", log, 10) == [("credited", 6, 1), ("sale", 0, 1), ("sold", 6, 6)]


def test_a_closing_without_an_opening_is_taken_back() -> None:
    assert settled_before_the_last("sale", [won(5, "2", deal="d"), reverted(17, "4", "d")], 10) == []


def test_a_closing_is_of_an_earlier_opening_where_the_last_one_is_taken_back() -> None:
    east, west = created(0, "1"), created(10, "2")
    west = west._replace(fields={**west.fields, "region": "west"})
    log = [east, west, won(12, "3"), merged(22, "4")]
    assert settled_before_the_last("sale", log, 20) == [("credited", 12, 1), ("sale", 0, 1), ("sold", 12, 12)]


def test_a_pair_whose_time_is_over_stays_closed() -> None:
    log = [created(0, "1"), won(10, "2", deal="d"), reverted(13, "3", "d")]
    assert settled_before_the_last("sale", log, 12) == [("sale", 0, 1), ("sold", 10, 10)]
