"""Small logs of the bodies, run record by record: settled and forgotten after each, through a flush and a new owner."""

from collections.abc import Sequence
from typing import Any

from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Arrival, Event, arrivals
from tests.oracle.windows.bodies import WINDOWS
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import cells, stepped, tally

START, END = SECOND_DAY - 100, SECOND_DAY + 100
TICKET = "desk.ticket"
AMENDED = "desk.amended"


def at(time: int, id_: str, action: str, key: str = "a", *, stream: str = TICKET, **said: Any) -> Event:
    """A record of a ticket, `time` milliseconds after the second day began."""
    fields = {"ticket_id": key, "action": action, "team": said.pop("team", "north")}
    return Event(SECOND_DAY + time, bool(said), "s", id_, (key,), stream, fields, **said)


def ordered(time: int, id_: str, market: str, key: str = "a") -> Event:
    """An order of a customer."""
    fields = {"customer_id": key, "order_id": id_, "action": "placed", "market": market, "amount": 1}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), "trade.order", fields)


def of_order(time: int, id_: str, action: str, amount: int, market: str = "home", *, key: str = "o") -> Event:
    """What is said of an order, so many milliseconds after the second day began."""
    fields = {"customer_id": "c", "order_id": key, "action": action, "market": market, "amount": amount}
    return Event(SECOND_DAY + time, False, "s", id_, ("c", key), "trade.order", fields)


def accepted(log: Sequence[Event], lateness: int) -> list[Arrival]:
    """All of the log, which must be in time."""
    found = arrivals(log, {log[0].stream: (0, lateness)})
    assert len(found) == len(log), "this log is meant to be accepted as a whole"
    return found


def settled_at_once(body: str, log: Sequence[Event], lateness: int) -> Driven:
    """After every record: settled, forgotten, flushed and taken over; equal to both oracles each time."""
    driven = Driven(body, accepted(log, lateness))
    for _ in log:
        driven.take(1)
        driven.forget()
        driven.flush()
        driven.start()
        driven.forget()
        driven.flush()
        stands, wanted = tally(driven.signed), tally(stepped(body, driven.events))
        assert stands == wanted, f"{stands.items() - wanted.items()} in place of {wanted.items() - stands.items()}"
        assert cells(driven.signed, START, END) == WINDOWS[body](driven.events, START, END)
    return driven


def values(driven: Driven, contribution: str) -> list[tuple[int, tuple[Any, ...], int]]:
    """(milliseconds after the second day began, dimensions, value) of what stands of a contribution."""
    standing = tally(signed for signed in driven.signed if signed.contribution == contribution)
    assert set(standing.values()) <= {1}
    return sorted((time - SECOND_DAY, dimensions, value) for _, time, dimensions, value in standing)
