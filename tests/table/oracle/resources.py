"""How much of the time that they are there resources are busy."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Number, Oracle
from tests.table.oracle.histories import DAY

SILENCE = 30 * DAY
AWAY = ("planned_down", "off")
States = Mapping[str | None, str]
"""By project, what is said of it; None: of all of them."""
Holds = Callable[[States, str | None], int]
"""1 where it holds, of a project or of all."""


def _spans(records: list[Body], until: int, *, open_too: bool = True) -> Iterator[tuple[int, int, States]]:
    """From when to when it was how."""
    states: dict[str | None, str] = {}
    for place, record in enumerate(records):
        project = record.get("project_id")
        # What is said of all ends what is said of each, and the other way round.
        states = {name: state for name, state in states.items() if project is not None and name is not None}
        states[project] = record["state"]
        if place + 1 < len(records):
            yield record["time"], records[place + 1]["time"], states
        elif open_too:
            yield record["time"], min(record["time"] + SILENCE, until), states


def _time(books: Books, asked: Asked, holds: Holds, *, open_too: bool = True, before_too: bool = True) -> int:
    start, end = asked.span
    end = min(end, books.until)
    wanted = {name: value for name, value in asked.where.items() if name != "project_id"}
    spent = 0
    for records in books.by("resource.state", "resource_id"):
        if any(records[0][name] != value for name, value in wanted.items()):
            continue
        known = [r for r in records if r["time"] < end and (before_too or r["time"] >= start)]
        for since, to, states in _spans(known, end, open_too=open_too):
            spent += max(min(to, end) - max(since, start), 0) * holds(states, asked.where.get("project_id"))
    return spent


def _busy(states: States, project: str | None) -> int:
    return int("busy" in states.values() if project is None else states.get(project) == "busy")


def _busy_with_each(states: States, project: str | None) -> int:
    return list(states.values()).count("busy") if project is None else _busy(states, project)


def _there(states: States, _: str | None) -> int:
    return int(any(state not in AWAY for state in states.values()))


def _scheduled(states: States, _: str | None) -> int:
    return int(any(state != "off" for state in states.values()))


def _share(above: Holds, below: Holds, *, open_too: bool = True, before_too: bool = True) -> Oracle:
    def of(books: Books, asked: Asked) -> Number | None:
        there = _time(books, asked, below, open_too=open_too, before_too=before_too)
        busy = _time(books, asked, above, open_too=open_too, before_too=before_too)
        return Fraction(busy, there) if there else None

    return of


utilization = _share(_busy, _there)
utilization_of_each_project = _share(_busy_with_each, _there)
utilization_with_planned_downtime = _share(_busy, _scheduled)
utilization_of_what_has_ended = _share(_busy, _there, open_too=False)
utilization_since_the_window_began = _share(_busy, _there, before_too=False)


def mean_utilization(books: Books, asked: Asked) -> Number | None:
    """Wrong: the mean of resources."""
    names = sorted({record["resource_id"] for record in books.of("resource.state")})
    each = [utilization(books, replace(asked, where={**asked.where, "resource_id": name})) for name in names]
    values = [value for value in each if value is not None]
    return Fraction(sum(values)) / len(values) if values else None
