"""Open time against an oracle that looks at the clock on the wall minute by minute."""

import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi.calendars import SINCE, UNKNOWN, UNTIL, BusinessTime, business_time
from schemas.calendars import WEEKDAYS, Calendar
from schemas.times import parse_time
from tests.oracle.calendars import MINUTE, Desk, Shown, elapsed, last_within

HOUR = 60 * MINUTE
DAY = 24 * HOUR
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OFFICE: dict[int, list[Shown]] = {day: [((9, 0), (17, 0))] for day in range(5)}
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
    "America/New_York": ("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"),
    # By half an hour.
    "Australia/Lord_Howe": ("2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"),
    # Never, but its hours begin at a quarter of an hour of UTC.
    "Asia/Kathmandu": ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
    # At midnight, so that days begin at one, or have two midnights.
    "America/Havana": ("2026-03-08T05:00:00Z", "2026-11-01T05:00:00Z"),
}


def written(moment: tuple[int, int]) -> str:
    return "{:02}:{:02}".format(*moment)


def declared(desk: Desk) -> Calendar:
    """The calendar that says what the oracle is told."""
    hours = {
        WEEKDAYS[day]: [f"{written(start)}-{written(end)}" for start, end in shown] for day, shown in desk.hours.items()
    }
    since = None if desk.since == datetime.date.min else desk.since
    return Calendar.model_validate(
        {"calendar": "desk", "zone": desk.zone, "hours": hours, "holidays": sorted(desk.holidays), "valid_from": since}
    )


def of(*desks: Desk) -> BusinessTime:
    return business_time(tuple(map(declared, desks)))


def one(calendar: BusinessTime, start: int, end: int) -> int:
    return int(calendar.elapsed(np.array([start]), np.array([end]))[0])


def due(calendar: BusinessTime, start: int, length: int) -> int:
    return int(calendar.after(np.array([start]), np.array([length]))[0])


@st.composite
def _days(draw: st.DrawFn) -> list[Shown]:
    """Up to two parts of a day, early ones often: the clocks are changed at night."""
    edges = draw(st.lists(st.sampled_from([0, 30, 60, 90, 120, 135, 180, 540, 1020, 1440]), min_size=2, max_size=4))
    edges = sorted(set(edges))
    return [((a // 60, a % 60), (b // 60, b % 60)) for a, b in zip(edges[::2], edges[1::2], strict=False)]


@st.composite
def _desks(draw: st.DrawFn, zone: str, near: int) -> Desk:
    hours = draw(st.dictionaries(st.integers(0, 6), _days(), min_size=1))
    hours[6] = [*hours.get(6, []), *([] if any(hours.values()) else [((0, 0), (24, 0))])]
    day = datetime.datetime.fromtimestamp(near / 1000, datetime.UTC).date()
    holidays = draw(st.frozensets(st.integers(-2, 2).map(lambda days: day + datetime.timedelta(days)), max_size=2))
    return Desk(zone, hours, holidays)


@pytest.mark.parametrize(("zone", "number"), [(zone, number) for zone in CHANGES for number in (0, 1)])
def test_it_equals_the_clock_on_the_wall(zone: str, number: int) -> None:
    near = parse_time(CHANGES[zone][number])

    @SOME
    @given(_desks(zone, near), st.integers(-40 * HOUR, 30 * HOUR), st.integers(0, 60 * HOUR), st.integers(0, 12 * HOUR))
    def holds(desk: Desk, offset: int, length: int, target: int) -> None:
        calendar, start = of(desk), near + offset
        end = start + length
        assert one(calendar, start, end) == elapsed([desk], start, end)
        assert one(calendar, end, start) == -elapsed([desk], start, end)
        assert due(calendar, start, target) == last_within([desk], start, target)

    holds()


@SOME
@given(_desks("Europe/Berlin", SINCE + 20_000 * DAY), st.integers(SINCE, UNTIL - 400 * DAY), st.data())
def test_what_was_done_by_the_deadline_took_no_longer_than_the_target(
    desk: Desk, start: int, data: st.DataObject
) -> None:
    calendar = of(desk)
    length = data.draw(st.integers(0, 30 * HOUR))
    deadline = due(calendar, start, length)
    assert one(calendar, start, deadline) == length
    assert one(calendar, start, deadline + 1) == length + 1
    assert deadline - start <= calendar.longest(length)
    end = data.draw(st.integers(start, start + 60 * DAY))
    assert (end <= deadline) == (one(calendar, start, end) <= length)


def test_longest_is_reached() -> None:
    desk = Desk("Europe/Berlin", OFFICE, frozenset({datetime.date(2026, 12, 25)}))
    calendar = of(desk)
    start = parse_time("2026-12-24T16:00:00+01:00")
    assert calendar.longest(HOUR) == due(calendar, start, HOUR) - start == 4 * DAY - 7 * HOUR
    assert calendar.longest(0) == 4 * DAY - 8 * HOUR


def test_each_version_counts_from_its_day_on() -> None:
    early = Desk("Europe/Berlin", {4: [((9, 0), (17, 0))]})
    late = Desk("Europe/Berlin", {4: [((10, 0), (12, 0))]}, since=datetime.date(2026, 10, 23))
    calendar = of(early, late)
    start, end = parse_time("2026-10-09T00:00:00Z"), parse_time("2026-11-07T00:00:00Z")
    assert one(calendar, start, end) == elapsed([early, late], start, end) == (2 * 8 + 3 * 2) * HOUR


def test_before_it_counts_there_is_no_time_of_it() -> None:
    calendar = of(Desk("America/New_York", {2: [((0, 0), (24, 0))]}, since=datetime.date(2026, 7, 1)))
    first = parse_time("2026-07-01T00:00:00-04:00")
    assert one(calendar, first, first + HOUR) == HOUR
    assert one(calendar, first - 1, first + HOUR) == UNKNOWN
    assert due(calendar, first - 1, HOUR) == UNKNOWN
    assert due(calendar, first, HOUR) == first + HOUR
    assert one(calendar, SINCE - 1, first) == one(calendar, first, UNTIL + 1) == UNKNOWN
    assert due(calendar, UNTIL - DAY, 1000 * HOUR) == UNKNOWN, "beyond all that is known"


def test_what_is_absent_stays_absent() -> None:
    calendar = of(Desk("UTC", {0: [((9, 0), (17, 0))]}))
    assert one(calendar, UNKNOWN, 0) == one(calendar, 0, UNKNOWN) == UNKNOWN
    assert due(calendar, UNKNOWN, HOUR) == due(calendar, 0, UNKNOWN) == UNKNOWN


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Casablanca", "Asia/Kathmandu", "Antarctica/Troll"])
def test_who_is_always_there_is_there_all_the_time(zone: str) -> None:
    """At a change of the clocks nothing is lost, and nothing counts twice."""
    calendar = of(Desk(zone, {day: [((0, 0), (24, 0))] for day in range(7)}))
    assert (calendar.opens.tolist(), calendar.closes.tolist()) == ([SINCE], [UNTIL])
