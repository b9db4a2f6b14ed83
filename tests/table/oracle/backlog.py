"""What is open or put aside at a moment."""

from collections.abc import Callable
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Facts, Number, Oracle
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


def _changes(step: Step, silence: int) -> Facts:
    """When something begins to be held, and when it ends, with the opposite sign."""

    def of(books: Books) -> list[Fact]:
        found = []
        for ticket in books.by("support.ticket", "ticket_id"):
            for life in lives(ticket, silence):
                held: Body | None = None
                for record in [*life, None]:
                    now = None if record is None else step(held, record)
                    if now is not held:
                        # One that nobody speaks of any more is given up.
                        at = life[-1]["time"] + silence if record is None else record["time"]
                        found += [Fact(at, held, -1)] if held is not None else []
                        found += [Fact(at, now)] if now is not None else []
                    held = now
        return found

    return of


def _on_average(changes: Facts, *, of_all: bool = True) -> Oracle:
    """Weighted by time, up to what is known: each change counts from its moment on."""

    def of(books: Books, asked: Asked) -> Number | None:
        start, end = asked.span
        end = min(end, books.until)
        total = sum(
            change.value * (end - max(change.at, start))
            for change in books.facts(changes)
            if (change.at < end if of_all else start <= change.at < end)
            and all(change.dimensions[name] == value for name, value in asked.where.items())
        )
        return Fraction(total, end - start)

    return of


def _unanswered(held: Body | None, record: Body) -> Body | None:
    action = record["action"]
    if held is None:
        return record if action == "opened" else None
    answered = action == "replied" and record["actor"] == "agent" and record["public"]
    return None if answered or action in ("resolved", "merged", "deleted") else held


def _unanswered_by_anybody(held: Body | None, record: Body) -> Body | None:
    """Wrong: a program's answer is one."""
    return None if record["action"] == "replied" else _unanswered(held, record)


def _unanswered_if_merged(held: Body | None, record: Body) -> Body | None:
    """Wrong: one that is merged or deleted waits for ever."""
    return held if record["action"] in ("merged", "deleted") else _unanswered(held, record)


def _longest(step: Step, silence: int = SILENCE, *, newest: bool = False) -> Oracle:
    """For how many seconds the oldest that is held has been."""

    def of(books: Books, asked: Asked) -> Number | None:
        moment = min(asked.span[1], books.until)
        found = []
        for ticket in books.by("support.ticket", "ticket_id"):
            life = next(iter(lives([record for record in ticket if record["time"] < moment], silence)[-1:]), [])
            held: Body | None = None
            for record in life:
                held = step(held, record)
            if held is not None and moment - life[-1]["time"] <= silence:
                found.append(moment - held["time"])
        return Fraction((min if newest else max)(found), 1000) if found else None

    return of


oldest_unanswered = _longest(_unanswered)
oldest_unanswered_by_anybody = _longest(_unanswered_by_anybody)
oldest_unanswered_with_merged = _longest(_unanswered_if_merged)
oldest_unanswered_for_ever = _longest(_unanswered, 400 * DAY)
newest_unanswered = _longest(_unanswered, newest=True)
ticket_backlog = _at_end(_open)
ticket_backlog_at_start = _at_end(_open, at_start=True)
ticket_backlog_with_merged = _at_end(_until_resolved)
ticket_backlog_for_ever = _at_end(_open, 400 * DAY)
pending_tickets = _at_end(_pending)
pending_tickets_at_start = _at_end(_pending, at_start=True)
pending_until_released = _at_end(_until_released)
average_ticket_backlog = _on_average(_changes(_open, SILENCE))
average_of_new_tickets = _on_average(_changes(_open, SILENCE), of_all=False)
average_with_merged = _on_average(_changes(_until_resolved, SILENCE))


def middle_of_the_ends(books: Books, asked: Asked) -> Number | None:
    """Wrong: half of what it was at the beginning and at the end."""
    ends = ticket_backlog_at_start(books, asked), ticket_backlog(books, asked)
    return Fraction(sum(each or 0 for each in ends), 2)
