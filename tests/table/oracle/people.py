"""What people learned, reached and finished."""

import datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Body, Books, Fact, Number
from tests.table.oracle.histories import DAY, episodes, lives

_ZONE = "Europe/Berlin"
_NAMES = ("team", "department", "course", "project_id")
SILENCE = 365 * DAY


class _Due(NamedTuple):
    """Something that was due: when, by which record, and what had been said of it by then."""

    at: int
    by: Body
    said: list[Body]

    def last(self, *actions: str) -> str:
        return str([body["action"] for body in self.said if body["action"] in actions][-1])

    def fact(self, value: int) -> Fact:
        return Fact(self.at, {name: self.by.get(name) for name in _NAMES}, value)


def ends(day: str, zone: str = _ZONE) -> int:
    """The last millisecond of a day."""
    following = datetime.date.fromisoformat(day) + datetime.timedelta(days=1)
    begins = datetime.datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone))
    return int(begins.timestamp()) * 1000 - 1


def _due(
    books: Books, stream: str, key: str, first: str, field: str = "due", *, zone: str = _ZONE, grace: int = 0
) -> list[_Due]:
    found = []
    for records in books.by(stream, key):
        begun = next((place for place, record in enumerate(records) if record["action"] == first), None)
        if begun is not None:
            at = ends(records[begun][field], zone)
            said = [record for record in records[begun:] if record["time"] <= at + grace]
            found.append(_Due(at, records[begun], said))
    return found


def _trainings(books: Books, *, zone: str = _ZONE, grace: int = 0, withdrawn: bool = False) -> list[Fact]:
    found = []
    for each in _due(books, "hr.training", "assignment_id", "assigned", zone=zone, grace=grace):
        outcome = each.last("assigned", "completed", "withdrawn") if each.said else "assigned"
        if withdrawn or outcome != "withdrawn":
            found.append(each.fact(int(outcome == "completed")))
    return found


def trainings(books: Books) -> list[Fact]:
    return _trainings(books)


def trainings_in_greenwich(books: Books) -> list[Fact]:
    return _trainings(books, zone="UTC")


def trainings_whenever_completed(books: Books) -> list[Fact]:
    return _trainings(books, grace=SILENCE)


def trainings_with_withdrawn(books: Books) -> list[Fact]:
    return _trainings(books, withdrawn=True)


def trainings_exclusively(books: Books) -> list[Fact]:
    return _trainings(books, grace=-1)


_OUTCOMES = ("set", "met", "missed", "withdrawn")


def _goals(books: Books, *, grace: int = 0, withdrawn: bool = False) -> list[Fact]:
    found = []
    for each in _due(books, "hr.goal", "goal_id", "set", grace=grace):
        outcome = each.last(*_OUTCOMES)
        if withdrawn or outcome != "withdrawn":
            found.append(each.fact(int(outcome == "met")))
    return found


def goals(books: Books) -> list[Fact]:
    return _goals(books)


def goals_whenever_met(books: Books) -> list[Fact]:
    return _goals(books, grace=SILENCE)


def goals_with_withdrawn(books: Books) -> list[Fact]:
    return _goals(books, withdrawn=True)


def goals_exclusively(books: Books) -> list[Fact]:
    return _goals(books, grace=-1)


def _progress(books: Books, *, grace: int = 0, of_all: bool = True, if_met: bool = True) -> list[Fact]:
    found = []
    for each in _due(books, "hr.goal", "goal_id", "set", grace=grace):
        outcome = each.last(*_OUTCOMES)
        said = [int(body["progress"]) for body in each.said if "progress" in body]
        if outcome != "withdrawn" and (said or of_all):
            found.append(each.fact(100 if if_met and outcome == "met" else (said or [0])[-1]))
    return found


def progress(books: Books) -> list[Fact]:
    return _progress(books)


def progress_as_said(books: Books) -> list[Fact]:
    return _progress(books, if_met=False)


def progress_of_those_spoken_of(books: Books) -> list[Fact]:
    return _progress(books, of_all=False)


def progress_at_any_time(books: Books) -> list[Fact]:
    return _progress(books, grace=SILENCE)


def _milestones(books: Books, *, grace: int = 0, cancelled: bool = False) -> list[Fact]:
    found = []
    for each in _due(books, "project.milestone", "milestone_id", "planned", "baseline_due", grace=grace):
        outcome = each.last("planned", "reached", "cancelled")
        if cancelled or outcome != "cancelled":
            found.append(each.fact(int(outcome == "reached")))
    return found


def milestones(books: Books) -> list[Fact]:
    return _milestones(books)


def milestones_whenever_reached(books: Books) -> list[Fact]:
    return _milestones(books, grace=SILENCE)


def milestones_with_cancelled(books: Books) -> list[Fact]:
    return _milestones(books, cancelled=True)


def milestones_by_moved_date(books: Books) -> list[Fact]:
    found = []
    for records in books.by("project.milestone", "milestone_id"):
        until = ends([record["due"] for record in records if record["action"] in ("planned", "moved")][-1], _ZONE)
        outcome = [r["action"] for r in records if r["action"] != "moved" and r["time"] <= until][-1]
        if outcome != "cancelled":
            found.append(Fact(until, {}, int(outcome == "reached")))
    return found


def days_moved(books: Books) -> list[Fact]:
    """By how many days they were to be later, as was said by then."""
    found = []
    for each in _due(books, "project.milestone", "milestone_id", "planned", "baseline_due"):
        if each.last("planned", "reached", "cancelled") != "cancelled":
            due = [body["due"] for body in each.said if body["action"] in ("planned", "moved")][-1]
            moved = datetime.date.fromisoformat(due) - datetime.date.fromisoformat(each.by["baseline_due"])
            found.append(each.fact(moved.days))
    return found


def _tasks(books: Books, *, within: int = 7 * DAY, cancelled: bool = False) -> list[Fact]:
    """Done for the last time; those left out that are given up while they are worked on, or soon after."""
    found = []
    for task in books.by("project.task", "task_id"):
        for life in lives(task, SILENCE):
            given_up = [r["time"] for r in life if r["action"] == "cancelled"]
            for each in episodes(
                life,
                begin=lambda record: record["action"] in ("started", "reopened"),
                end=lambda record: record["action"] in ("done", "cancelled"),
                joined=within,
            ):
                if each.end is None:
                    continue
                end = each.end
                if cancelled and end in given_up:
                    continue
                if cancelled or not any(end <= time <= end + max(within, 0) for time in given_up):
                    found.append(Fact(end, {"team": each.last["team"]}, end - each.start))
    return found


def tasks(books: Books) -> list[Fact]:
    return _tasks(books)


def tasks_with_cancelled(books: Books) -> list[Fact]:
    return _tasks(books, cancelled=True)


def tasks_each_time(books: Books) -> list[Fact]:
    return _tasks(books, within=-1)


def tasks_to_the_day(books: Books) -> list[Fact]:
    return _tasks(books, within=7 * DAY - 1)


def _exposure(books: Books, asked: Asked, *, as_opened: bool = False, closed: bool = False) -> Number:
    moment = min(asked.span[1], books.until)
    total = Fraction(0)
    for records in books.by("risk.item", "risk_id"):
        held: Body | None = None
        for record in records:
            if record["time"] >= moment:
                break
            begins = record["action"] == "opened" and held is None
            changes = record["action"] == "assessed" and held is not None and not as_opened
            if record["action"] == "closed" and not closed:
                held = None
            elif begins or changes:
                held = record
        if held is not None and all(held[name] == value for name, value in asked.where.items()):
            total += Fraction(held["probability"] * held["impact_minor"], 1000)
    return total


def risk_exposure(books: Books, asked: Asked) -> Number | None:
    return _exposure(books, asked)


def exposure_as_opened(books: Books, asked: Asked) -> Number | None:
    return _exposure(books, asked, as_opened=True)


def exposure_of_all(books: Books, asked: Asked) -> Number | None:
    return _exposure(books, asked, closed=True)
