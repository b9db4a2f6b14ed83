"""Leads and what wins them, as the body of two streams has them."""

from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Event, arrivals
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import stepped, tally
from tests.property.rules.desk import values

LEAD, DEAL = "trade.lead", "trade.deal"


def created(time: int, id_: str, key: str = "a") -> Event:
    """A lead, so many milliseconds after the second day began."""
    fields = {"lead_id": key, "action": "created", "region": "east"}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), LEAD, fields)


def merged(time: int, id_: str, key: str = "a") -> Event:
    """A lead that was another one."""
    fields = {"lead_id": key, "action": "merged", "region": "east"}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), LEAD, fields)


def won(time: int, id_: str, key: str = "a", deal: str = "", action: str = "won") -> Event:
    """A deal of a lead."""
    fields = {"deal_id": deal or f"d{id_}", "lead_id": key, "action": action, "score": 1}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), DEAL, fields)


def reverted(time: int, id_: str, deal: str, key: str = "a") -> Event:
    """A deal that was won, and is not."""
    return won(time, id_, key, deal, "reverted")


def converting(*log: Event) -> Driven:
    """A store that takes them one by one without lateness, and forgets after each; equal to the step each time."""
    driven = Driven("lead", arrivals(log, {LEAD: (0, 0), DEAL: (0, 0)}))
    assert len(driven.arrivals) == len(log)
    for _ in log:
        driven.take(1)
        driven.forget()
        driven.flush()
        driven.start()
        driven.forget()
        assert tally(driven.signed) == tally(stepped("lead", driven.events))
    return driven


def converted_at(*log: Event) -> list[tuple[int, int]]:
    """(time, whether it was won) of each lead."""
    return [(time, value) for time, _, value in values(converting(*log), "lead")]
