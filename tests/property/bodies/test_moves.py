"""A holding that a record has moved on: what is kept of it once all of its records are settled."""

from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Event, arrivals
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import cells, stepped, tally

AMENDED = "desk.amended"


def _at(time: int, id_: str, action: str, key: str = "a", team: str = "north") -> Event:
    fields = {"ticket_id": key, "action": action, "team": team}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), AMENDED, fields)


def test_what_was_moved_is_held_until_it_ends() -> None:
    log = [
        _at(0, "1", "opened"),
        _at(1, "2", "moved", team="south"),
        _at(16, "3", "note", "b"),
        _at(17, "4", "resolved"),
    ]
    driven = Driven("amended", arrivals(log, {AMENDED: (0, 2)}))
    for _ in log:
        driven.take(1)
        driven.forget()
        driven.flush()
        driven.start()
    assert tally(driven.signed) == tally(stepped("amended", driven.events))
    assert cells(driven.signed, SECOND_DAY, SECOND_DAY + 50)["backlog"] == {("north",): (0, 1), ("south",): (0, 16)}
