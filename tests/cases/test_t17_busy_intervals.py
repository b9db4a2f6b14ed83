"""T17: how much of the time that they are there machines are busy, also with several projects at once."""

import pytest

from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

STATES = """
stream: resource.state
key: resource_id
partitions: 1
clock: replay
disorder: 0s
lateness: 7d
fields:
  resource_id: string
  project_id: string?
  state: {enum: [busy, idle, down, planned_down, off]}
---
entity: resource
of: {resource.state: resource_id}
forget_after: never
states:
  busy: {while: state = 'busy', per: project_id, carrying: [resource_id]}
  busy_with: {while: state = 'busy', per: project_id, each: true, carrying: [resource_id, project_id]}
  there: {while: "state not in ('planned_down', 'off')", per: project_id, carrying: [resource_id]}
contributions:
  busy: {level: busy, dimensions: {resource: busy_resource_id}}
  busy_with: {level: busy_with, dimensions: {resource: busy_with_resource_id, project: busy_with_project_id}}
  there: {level: there, dimensions: {resource: there_resource_id}}
"""
WINDOWS = "{tumbling: [1h], calendar: [day]}"
DECLARED = (
    STATES
    + kpi(
        "resource_utilization",
        "{busy: {from: resource.busy, aggregate: integral}, there: {from: resource.there, aggregate: integral}}",
        "busy / nullif(there, 0)",
        windows=WINDOWS,
        more="also: {busy: busy, there: there}\ndimensions: [resource]",
    )
    + kpi(
        "time_of_projects",
        "{busy: {from: resource.busy_with, aggregate: integral}}",
        "busy",
        windows=WINDOWS,
        more="dimensions: [resource, project]",
    )
)
HOUR = 3_600_000
DAY = "2026-03-03T12:00:00Z"
STORY = (
    ("S", "02T22:00", "busy", "P3"),
    ("R", "02T23:00", "off", None),
    ("S", "03T02:00", "idle", None),
    ("S", "03T06:00", "off", None),
    ("R", "03T08:00", "idle", None),
    ("R", "03T09:00", "busy", "P1"),
    ("R", "03T10:00", "busy", "P2"),
    ("R", "03T11:00", "idle", "P1"),
    ("R", "03T12:00", "planned_down", None),
    ("R", "03T13:00", "busy", "P1"),
)


def tell(made: Pipeline, *events: tuple[str, str, str, str | None], flush: bool = True) -> None:
    named = [dict(zip(("resource_id", "time", "state", "project_id"), event, strict=True)) for event in events]
    made.send("resource.state", *({**each, "time": f"2026-03-{each['time']}:00Z"} for each in named), flush=flush)


def at_two(made: Pipeline, *, flush: bool = True) -> None:
    tell(made, *STORY, ("Z", "03T14:00", "off", None), flush=flush)


def use(made: Pipeline, window: str = "day", at: str = DAY, **asked: str) -> float | None:
    return made.value("resource_utilization", window, at, **asked).value


@pytest.mark.parametrize("flush", [True, False], ids=["each flushed", "one flush"])
def test_t17_busy_intervals(pipeline: Made, flush: bool) -> None:
    made = pipeline(DECLARED)
    at_two(made, flush=flush)
    found = made.value("resource_utilization", "day", DAY, resource="R")
    assert (found.value, found.also) == (0.8, {"busy": 4 * HOUR, "there": 5 * HOUR})
    assert use(made, "1h", "2026-03-03T10:30:00Z", resource="R") == 1, "P1 and P2 at once are one"
    projects = [made.value("time_of_projects", "day", DAY, resource="R", project=name).value for name in ("P1", "P2")]
    assert projects == [3 * HOUR, 2 * HOUR], "of five hours, and they do not add up"
    found = made.value("resource_utilization", "day", DAY, resource="S")
    assert (found.value, found.also) == (2 / 6, {"busy": 2 * HOUR, "there": 6 * HOUR})
    assert use(made) == 6 / 11


def test_t17_what_comes_the_next_day(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    at_two(made)
    tell(made, ("R", "03T16:00", "off", None), ("Z", "04T09:00", "off", None))
    before = made.value("resource_utilization", "day", DAY, resource="R")
    assert (before.value, before.revision) == (6 / 7, 1)
    tell(made, ("R", "03T15:00", "idle", "P1"))
    after = made.value("resource_utilization", "day", DAY, resource="R")
    assert (after.value, after.also, after.revision) == (5 / 7, {"busy": 5 * HOUR, "there": 7 * HOUR}, 2)
    assert made.fates("resource.state") == {"consumed": 14, "aggregated": 14}


def tell_shipped(made: Pipeline, *events: tuple[str, str, str, str | None], flush: bool = True) -> None:
    names = ("resource_id", "time", "state", "project_id")
    named = [{**dict(zip(names, event, strict=True)), "kind": "machine", "team": "north"} for event in events]
    made.send("resource.state", *({**each, "time": f"2026-03-{each['time']}:00Z"} for each in named), flush=flush)


@pytest.mark.parametrize("flush", [True, False], ids=["each flushed", "one flush"])
def test_t17_of_what_ships(pipeline: Made, flush: bool) -> None:
    made = pipeline(shipped("resource_utilization"))
    tell_shipped(made, *STORY, ("Z", "03T14:00", "off", None), flush=flush)
    assert use(made, resource_id="R") == 0.8
    assert use(made, "1h", "2026-03-03T10:30:00Z", resource_id="R") == 1
    assert [use(made, resource_id="R", project_id=name) for name in ("P1", "P2")] == [3 / 5, 2 / 5]
    by_project = made.values("resource_utilization", "day", DAY, by=("project_id",), resource_id="R")
    assert {value.dimensions["project_id"]: value.value for value in by_project} == {"P1": 3 / 5, "P2": 2 / 5}
    assert use(made, resource_id="S") == 2 / 6
    assert use(made) == 6 / 11
    assert use(made, kind="machine", project_id="P3") == 2 / 11, "of the time of all machines"

    tell_shipped(made, ("R", "03T16:00", "off", None), ("Z", "04T09:00", "off", None))
    before = made.value("resource_utilization", "day", DAY, resource_id="R")
    tell_shipped(made, ("R", "03T15:00", "idle", "P1"))
    after = made.value("resource_utilization", "day", DAY, resource_id="R")
    assert (before.value, before.revision, after.value, after.revision) == (6 / 7, 1, 5 / 7, 2)
