"""T9: time in which nobody is there to answer does not count, neither in how long it took nor in when it was due."""

from pathlib import Path

import pytest

from services.runtime.catalogue import load
from tests.cases.declared import Made, kpi, quiet
from tests.pipeline import Pipeline

TICKETS = (
    """
stream: desk.ticket
key: ticket_id
partitions: 1
fields:
  ticket_id: string
  action: {enum: [opened, replied]}
---
reporting: default
zones: [Europe/Berlin]
---
calendar: support_hours
zone: Europe/Berlin
hours: {mon: [09:00-17:00], tue: [09:00-17:00], wed: [09:00-17:00], thu: [09:00-17:00], fri: [09:00-17:00]}
holidays: [2026-12-25]
---
target: response_target
values:
  - {value: 3600, from: 2020-01-01}
---
entity: ticket
of: {desk.ticket: ticket_id}
forget_after: 30d
states:
  opened: {first: action = 'opened'}
  replied: {first: action = 'replied', after: opened}
durations:
  worked: {from: opened_time, to: replied_time, calendar: support_hours}
deadlines:
  deadline: {after: opened, target: response_target, calendar: support_hours}
contributions:
  worked: {at: replied_time, value: worked}
  waited: {at: replied_time, value: replied_time - opened_time}
  within_target:
    at: case when replied_time <= deadline then replied_time else deadline end
    value: case when replied_time <= deadline then 1 else 0 end
  replied_only: {at: replied_time, value: case when replied_time <= deadline then 1 else 0 end}
"""
    + kpi(
        "average_response_time",
        "{worked: {from: ticket.worked, aggregate: mean, scale: 3}, "
        "worked_median: {from: ticket.worked, aggregate: quantile, quantile: 0.5, scale: 3}, "
        "calendar: {from: ticket.waited, aggregate: mean, scale: 3}}",
        "worked",
        windows="{rolling: [24h], calendar: [day, month]}",
        more="also: {median: worked_median, calendar: calendar}",
        unit="seconds",
    )
    + kpi(
        "response_within_target",
        "{met: {from: ticket.within_target, aggregate: sum}, due: {from: ticket.within_target, aggregate: count}}",
        "met / nullif(due, 0)",
        windows="{calendar: [month]}",
    )
    + kpi("replied_only", "{met: {from: ticket.replied_only, aggregate: mean}}", "met", windows="{calendar: [month]}")
)
K1, K2, K3 = (
    ("K1", "24T16:30", "28T09:45"),
    ("K2", "26T12:00", "26T13:00"),
    ("K3", "28T08:00", "28T09:10"),
)


def tell(made: Pipeline, *records: tuple[str, str, str]) -> None:
    """(key, action, local time), in order of time."""
    for name, action, time in sorted(records, key=lambda record: record[2]):
        made.send("desk.ticket", {"time": time, "ticket_id": name, "action": action})


def december(*tickets: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    return [
        (name, action, f"2026-12-{time}:00+01:00")
        for name, opened, replied in tickets
        for action, time in (("opened", opened), ("replied", replied))
    ]


def share(made: Pipeline, kpi: str = "response_within_target") -> tuple[float | None, int | None]:
    found = made.value(kpi, "month", "2026-12-15T12:00:00Z")
    return found.value, found.events


def test_t09_business_hours(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    tell(made, *december(K1, K2, K3))
    quiet(made, "ticket/0", "2026-12-30T00:00:00Z", beyond=90_000)
    found = made.value("average_response_time", "month", "2026-12-15T12:00:00Z")
    assert found.value == 1700
    assert found.also["calendar"] == 109_700
    assert found.also["median"] == pytest.approx(600, rel=0.01)
    assert share(made) == (2 / 3, 3)


def test_t09_a_miss_is_there_before_the_answer(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    tell(made, *(record for record in december(K1, K2, K3) if record[::2] != ("K1", "2026-12-28T09:45:00+01:00")))
    quiet(made, "ticket/0", "2026-12-28T08:35:00Z", beyond=90_000)
    assert share(made) == (2 / 3, 3), "K1 was due on Monday at 09:30"
    assert share(made, "replied_only") == (1, 2), "those that were answered were all in time"


@pytest.mark.parametrize(("minute", "due"), [("08:30", 2), ("08:31", 3)])
def test_t09_it_is_due_when_its_hour_is_over(pipeline: Made, minute: str, due: int) -> None:
    """What is dated 09:30:00.000 belongs to the minute that begins then."""
    made = pipeline(TICKETS)
    tell(made, *(record for record in december(K1, K2, K3) if record[::2] != ("K1", "2026-12-28T09:45:00+01:00")))
    quiet(made, "ticket/0", f"2026-12-28T{minute}:00Z", beyond=90_000)
    assert share(made)[1] == due


@pytest.mark.parametrize(("name", "expected"), [("K1", (4500, 321_300)), ("K2", (0, 3600)), ("K3", (600, 4200))])
def test_t09_each_ticket(pipeline: Made, name: str, expected: tuple[int, int]) -> None:
    made = pipeline(TICKETS)
    tell(made, *december(*(one for one in (K1, K2, K3) if one[0] == name)))
    found = made.value("average_response_time", "month", "2026-12-15T12:00:00Z")
    assert (found.value, found.also["calendar"]) == expected


def test_t09_over_the_end_of_summer_time(pipeline: Made) -> None:
    made = pipeline(TICKETS)
    tell(made, ("K4", "opened", "2026-10-23T16:00:00+02:00"), ("K4", "replied", "2026-10-26T10:00:00+01:00"))
    found = made.value("average_response_time", "month", "2026-10-15T12:00:00Z")
    assert (found.value, found.also["calendar"]) == (7200, 241_200)


def test_t09_the_shipped_calendar_says_the_same(tmp_path: Path) -> None:
    before, own, after = TICKETS.partition("calendar: support_hours\n")
    (tmp_path / "mine.yaml").write_text(before.removesuffix("---\n") + after[after.index("---\n") :])
    assert own
    made = Pipeline(load([tmp_path], packs=[]))
    tell(made, *december(K1, K2, K3))
    found = made.value("average_response_time", "month", "2026-12-15T12:00:00Z")
    made.view.close()
    assert (found.value, found.also["calendar"]) == (1700, 109_700)
