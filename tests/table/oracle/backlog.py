"""What is open or put aside at a moment."""

from collections.abc import Callable

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Number, Oracle
from tests.table.oracle.histories import DAY, lives

SILENCE = 90 * DAY
Step = Callable[[Body | None, Body], Body | None]


def _open(held: Body | None, record: Body) -> Body | None:
    action = record["action"]
    if held is None:
        return record if action in ("opened", "reopened") else None
    if action in ("resolved", "merged", "deleted"):
        return None
    return record if action == "reclassified" else held


def _pending(held: Body | None, record: Body) -> Body | None:
    action = record["action"]
    if held is None:
        return record if action == "held" else None
    if action in ("released", "resolved", "merged", "deleted"):
        return None
    return record if action == "reclassified" else held


def _until_resolved(held: Body | None, record: Body) -> Body | None:
    """Wrong: one that is merged or deleted waits for ever."""
    return held if record["action"] in ("merged", "deleted") else _open(held, record)


def _until_released(held: Body | None, record: Body) -> Body | None:
    """Wrong: only a release ends it."""
    return held if record["action"] == "resolved" else _pending(held, record)


def _at_end(step: Step, silence: int = SILENCE, *, at_start: bool = False) -> Oracle:
    def of(books: Books, asked: Asked) -> Number | None:
        moment = asked.span[0] if at_start else min(asked.span[1], books.until)
        number = 0
        for ticket in books.by("support.ticket", "ticket_id"):
            life = next(iter(lives([record for record in ticket if record["time"] < moment], silence)[-1:]), [])
            held: Body | None = None
            for record in life:
                held = step(held, record)
            # One that nobody speaks of any more is given up.
            if held is not None and moment - life[-1]["time"] <= silence:
                number += all(held[name] == value for name, value in asked.where.items())
        return number

    return of


ticket_backlog = _at_end(_open)
ticket_backlog_at_start = _at_end(_open, at_start=True)
ticket_backlog_with_merged = _at_end(_until_resolved)
ticket_backlog_for_ever = _at_end(_open, 400 * DAY)
pending_tickets = _at_end(_pending)
pending_tickets_at_start = _at_end(_pending, at_start=True)
pending_until_released = _at_end(_until_released)
