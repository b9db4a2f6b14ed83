"""T1: a ticket that is opened again within seven days counts once, at its last resolution."""

import pytest

from tests.cases.declared import Made, kpi, quiet
from tests.cases.reopenings import STORY
from tests.pipeline import Pipeline

TICKETS = """
stream: support.ticket
key: ticket_id
partitions: 1
disorder: 0s
lateness: 1h
idle_timeout: 1m
fields:
  ticket_id: string
  action: {enum: [opened, replied, resolved, reopened]}
  actor: {enum: [customer, agent]}
---
entity: ticket
of: {support.ticket: ticket_id}
forget_after: 90d
states:
  opened: {first: action = 'opened'}
  replied: {first: action = 'replied' and actor = 'agent', after: opened}
  open: {enter: "action in ('opened', 'reopened')", leave: action = 'resolved'}
  unresolved: {enter: "action in ('opened', 'reopened')", leave: action = 'resolved', within: 7d}
contributions:
  response: {at: replied_time, value: replied_time - opened_time}
  resolution: {each: unresolved, at: unresolved_ended, value: unresolved_ended - unresolved_started}
  first_contact: {each: unresolved, at: unresolved_ended, value: case when unresolved_times = 1 then 1 else 0 end}
  backlog: {level: open}
"""
REACH = "reach: 7d"
WINDOWS = "{rolling: [15m], calendar: [day]}"
DECLARED = (
    TICKETS
    + kpi(
        "average_response_time", "{them: {from: ticket.response, aggregate: mean, scale: 3}}", "them", windows=WINDOWS
    )
    + kpi(
        "resolution_time",
        "{them: {from: ticket.resolution, aggregate: mean, scale: 3}}",
        "them",
        windows=WINDOWS,
        more=REACH,
    )
    + kpi(
        "first_contact_resolution",
        "{at_once: {from: ticket.first_contact, aggregate: sum}, them: {from: ticket.first_contact, aggregate: count}}",
        "at_once / nullif(them, 0)",
        windows=WINDOWS,
        more=REACH,
    )
    + kpi("ticket_backlog", "{them: {from: ticket.backlog, aggregate: level}}", "them", windows=WINDOWS)
)
DAY = "2026-03-02T12:00:00Z"


def told(made: Pipeline, since: str, until: str) -> None:
    """What happened after `since`, and nothing more until `until`, where the watermark is then."""
    for name, action, time in STORY:
        if since < time <= until:
            event = {"time": f"2026-03-{time}Z", "ticket_id": name, "action": action, "actor": "agent"}
            made.send("support.ticket", event)
    quiet(made, "ticket/0", f"2026-03-{until}Z")


def resolution(made: Pipeline) -> tuple[float | None, int | None, float | None, int | None]:
    """Resolution time and first contact resolution of the day, each with the number of tickets."""
    spent, at_once = (made.value(name, "day", DAY) for name in ("resolution_time", "first_contact_resolution"))
    return spent.value, spent.events, at_once.value, at_once.events


def test_t1_reopenings(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, "", "02T10:45:00")
    assert resolution(made) == (3600, 2, 1, 2)
    quarter = made.value("resolution_time", "15m", "2026-03-02T10:15:00Z")
    assert (quarter.value, quarter.revision, quarter.watermark) == (3600, 1, "2026-03-02T10:45:00Z")
    told(made, "02T10:45:00", "02T11:30:00")
    assert resolution(made) == (3600, 1, 1, 1), "A is withdrawn, until it is resolved again"
    quarter = made.value("resolution_time", "15m", "2026-03-02T10:15:00Z")
    assert (quarter.value, quarter.reason, quarter.revision) == (None, "no_data", 2)
    told(made, "02T11:30:00", "02T13:30:00")
    assert resolution(made) == (9000, 2, 0.5, 2), "A took four hours, with the time that it seemed resolved"
    told(made, "02T13:30:00", "09T10:31:00")
    assert resolution(made) == (9000, 2, 0.5, 2), "B comes back a second after seven days: another case"
    response = made.value("average_response_time", "day", DAY)
    assert (response.value, response.events, response.state) == (700, 3, "final")
    at = ("02T10:15", "02T10:45", "02T11:30", "02T13:30", "09T10:31")
    assert [made.value("ticket_backlog", "15m", f"2026-03-{moment}:00Z").value for moment in at] == [2, 1, 2, 1, 2]


@pytest.mark.parametrize("name", ["resolution_time", "first_contact_resolution"])
def test_t1_final_after_seven_days_and_the_lateness(pipeline: Made, name: str) -> None:
    made = pipeline(DECLARED)
    told(made, "", "10T00:59:59.999")
    assert made.value(name, "day", DAY).state == "provisional"
    told(made, "10T00:59:59.999", "10T01:00:00")
    assert made.value(name, "day", DAY).state == "final"
    assert resolution(made) == (9000, 2, 0.5, 2)


def test_t1_backlog_is_that_of_each_moment(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    found = []
    for since, until in zip(
        ("", "02T10:15:00", "02T10:45:00"), ("02T10:15:00", "02T10:45:00", "02T11:30:00"), strict=True
    ):
        told(made, since, until)
        found.append(made.value("ticket_backlog", "day", "2026-03-02T20:00:00Z").value)
    assert found == [2, 1, 2]
