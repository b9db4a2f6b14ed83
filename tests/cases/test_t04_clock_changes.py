"""T4: days of 25, 24 and 23 hours, hours that come twice, and days that begin at a quarter to."""

import pytest

from kpi.windows import Kind, window_at
from schemas.times import parse_time
from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped

CLICKS = (
    """
stream: web.click
partitions: 1
clock: replay
disorder: 0s
lateness: 5m
fields: {campaign: string}
---
stream: production.unit
partitions: 1
clock: replay
disorder: 0s
lateness: 5m
fields: {unit_id: string, line: string}
---
entity: line
of: {production.unit: line}
forget_after: never
states:
  working: {latest: line is not null}
contributions:
  time: {level: working}
---
reporting: default
zones: [Europe/Berlin]
"""
    + kpi("clicks", "{them: {from: web.click, aggregate: count}}", "them", windows="{tumbling: [1h], calendar: [day]}")
    + kpi(
        "throughput",
        "{units: {from: production.unit, aggregate: count}, time: {from: line.time, aggregate: integral}}",
        "3600000.0 * units / nullif(time, 0)",
        more="also: {units: units, time: time}",
    )
)
TIMES = (
    "24T21:59:59.999",
    "24T22:00:00",
    "24T23:15:00",
    "25T00:30:00",
    "25T01:30:00",
    "25T22:30:00",
    "25T23:00:00",
)


def test_t4_a_day_of_25_hours(pipeline: Made) -> None:
    made = pipeline(CLICKS)
    made.send("web.click", *({"time": f"2026-10-{time}Z", "campaign": "x"} for time in TIMES))
    days = [made.value("clicks", "day", f"2026-10-{number}T12:00:00Z") for number in (24, 25, 26)]
    assert [day.value for day in days] == [1, 5, 1]
    assert (days[1].window.start, days[1].window.end) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    assert parse_time(days[1].window.end) - parse_time(days[1].window.start) == 90_000_000
    twice = [made.value("clicks", "1h", f"2026-10-25T0{hour}:30:00Z") for hour in (0, 1)]
    assert [(hour.value, hour.window.start) for hour in twice] == [
        (1, "2026-10-25T00:00:00Z"),
        (1, "2026-10-25T01:00:00Z"),
    ], "both are called 02:00 in Berlin"
    days = [made.value("clicks", "day", f"2026-10-{day}T12:00:00Z", time_zone="Asia/Kathmandu") for day in (25, 26)]
    assert [day.value for day in days] == [5, 2]
    assert (days[0].window.start, days[0].window.end) == ("2026-10-24T18:15:00Z", "2026-10-25T18:15:00Z")


def test_t4_throughput_is_by_the_hours_that_the_day_had(pipeline: Made) -> None:
    made = pipeline(CLICKS)
    made.send("production.unit", *({"time": f"2026-10-{time}Z", "unit_id": time, "line": "one"} for time in TIMES))
    day = made.value("throughput", "day", "2026-10-25T12:00:00Z")
    assert (day.value, day.also) == (0.2, {"units": 5, "time": 90_000_000})


def test_t4_throughput_of_what_ships(pipeline: Made) -> None:
    made = pipeline(shipped("throughput", zones=("Europe/Berlin",)))
    unit = {"product": "chair", "line": "one", "team": "north", "shift": "early", "action": "finished"}
    made.send("production.unit", *({"time": f"2026-10-{time}Z", "unit_id": time, **unit} for time in TIMES))
    made.send("production.unit", {**unit, "time": "2026-10-27T00:00:00Z", "unit_id": "more", "action": "started"})
    day = made.value("throughput", "day", "2026-10-25T12:00:00Z")
    assert (day.value, day.events) == (0.2, 5)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "seconds"),
    [
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 90_000),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 82_800),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", 82_800),
        ("Asia/Kathmandu", "2026-10-25", "2026-10-24T18:15:00Z", "2026-10-25T18:15:00Z", 86_400),
    ],
)
def test_t4_days(zone: str, day: str, start: str, end: str, seconds: int) -> None:
    window = window_at("day", Kind.calendar, parse_time(f"{day}T12:00:00Z"), zone)
    assert (window.start, window.end) == (parse_time(start), parse_time(end))
    assert window.end - window.start == seconds * 1000


def test_t4_a_fiscal_year_from_april(pipeline: Made) -> None:
    made = pipeline(
        CLICKS.replace("zones: [Europe/Berlin]", "zones: [Europe/Berlin]\nfirst_month: 4").replace(
            "calendar: [day]", "calendar: [day, month, quarter, year]"
        )
    )
    times = ("03-31T21:59:59.999", "03-31T22:00:00", "06-30T21:59:59.999", "06-30T22:00:00")
    made.send("web.click", *({"time": f"2026-{time}Z", "campaign": "x"} for time in times))
    quarter = made.value("clicks", "quarter", "2026-05-15T12:00:00Z")
    assert (quarter.window.start, quarter.window.end) == ("2026-03-31T22:00:00Z", "2026-06-30T22:00:00Z")
    assert (quarter.value, quarter.previous) == (2, 1)
    year = made.value("clicks", "year", "2027-02-15T12:00:00Z")
    assert (year.window.start, year.window.end) == ("2026-03-31T22:00:00Z", "2027-03-31T22:00:00Z")
    assert year.value == 3
    month = made.value("clicks", "month", "2026-06-15T12:00:00Z")
    assert (month.window.start, month.window.end) == ("2026-05-31T22:00:00Z", "2026-06-30T22:00:00Z")
