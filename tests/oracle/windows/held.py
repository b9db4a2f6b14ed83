"""Machines, stock and the answers of respondents: what holds until something else is said."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle.events import Event, by_key, lives
from tests.oracle.windows.counting import Cells, Counting, heard


def _stands(said: Sequence[Event]) -> dict[str | None, Event]:
    """What is true of each project: its last record, unless one without a project came after it, or before it any."""
    found: dict[str | None, Event] = {}
    for place, event in enumerate(said):
        project = event.fields["project_id"]
        later = said[place + 1 :]
        replaced = [other for other in later if project is None or other.fields["project_id"] in {project, None}]
        if not replaced:
            found[project] = event
    return found


def machine(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """A machine is busy while it is for one of its projects; of each project, and of each team, by itself, too."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 60):
            for time, said in heard(life, start, end, 60):
                stands = _stands(said)
                states = {project: event.fields["state"] for project, event in stands.items()}
                busy = {project: event for project, event in stands.items() if event.fields["state"] == "busy"}
                if "busy" in states.values():
                    counting.held("busy", time, (), 1)
                if set(states.values()) - {"off"}:
                    counting.held("scheduled", time, (), 1)
                for project, event in busy.items():
                    counting.held("by_project", time, (project, event.fields["team"]), 1)
                for team in {event.fields["team"] for event in busy.values()}:
                    counting.held("by_team", time, (team,), 1)
    return counting.cells()


def stock(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """The last reading that counts, of each site; and the time since the first one."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for time, said in heard(history, start, end, None):
            readings = [event for event in said if event.fields["value"] >= 0]
            if readings:
                counting.held("known", time, (), 1)
                counting.held("stock", time, (readings[-1].fields["site"],), readings[-1].fields["value"])
    return counting.cells()


def respondent(events: list[Event], start: int, end: int) -> dict[str, Cells]:
    """Who answered in the last 9 ms, with the last answer."""
    counting = Counting(start, end)
    for history in by_key(events).values():
        for life in lives(history, 40):
            for time, said in heard(life, start, end, 40):
                answers = [event for event in said if event.fields["action"] == "answered"]
                if answers and time - answers[-1].time < 9:
                    counting.held("answers", time, (), 1)
                    counting.held("scores", time, (answers[-1].fields["team"],), answers[-1].fields["score"])
    return counting.cells()


def latest_per_key(
    events: list[Event], key: Callable[[Event], Any], start: int, end: int
) -> dict[Any, tuple[int, Event]]:
    """Of plain events: the last one of each key in the window, and how many the window has of it."""
    found: dict[Any, tuple[int, Event]] = {}
    for event in sorted(events, key=lambda each: each[:4]):
        if start <= event.time < end:
            found[key(event)] = (found[key(event)][0] + 1 if key(event) in found else 1, event)
    return found
