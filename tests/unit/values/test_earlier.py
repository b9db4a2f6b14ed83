"""Which window another one is compared with, and how much of both."""

import datetime
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from kpi.earlier import Ago, earlier, first_day, sides
from kpi.windows import Kind, Window, kind_of, window_at
from schemas.kpis import Windows
from schemas.times import parse_time

ROLLING = Windows(rolling=("5m", "24h", "40d"))
MINUTE, HOUR = 60_000, 3_600_000


def window(name: str, at: str, zone: str = "UTC") -> Window:
    return window_at(name, kind_of(name, ROLLING), parse_time(at), zone)


def local(moment: int, zone: str) -> str:
    return datetime.datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("name", "at", "zone", "ago", "start", "end"),
    [
        ("day", "2026-11-01T18:00:00Z", "America/New_York", "week", "2026-10-25 00:00", "2026-10-26 00:00"),
        ("day", "2026-11-08T18:00:00Z", "America/New_York", "week", "2026-11-01 00:00", "2026-11-02 00:00"),
        ("day", "2026-03-31T12:00:00Z", "Asia/Kolkata", "month", "2026-02-28 00:00", "2026-03-01 00:00"),
        ("day", "2028-02-29T12:00:00Z", "Asia/Kathmandu", "year", "2027-02-28 00:00", "2027-03-01 00:00"),
        ("day", "2026-01-15T12:00:00Z", "UTC", "month", "2025-12-15 00:00", "2025-12-16 00:00"),
        ("week", "2026-06-03T12:00:00Z", "Europe/Berlin", "month", "2026-05-04 00:00", "2026-05-11 00:00"),
        ("week", "2026-03-04T12:00:00Z", "Europe/Berlin", "year", "2025-03-03 00:00", "2025-03-10 00:00"),
        ("week", "2026-12-30T12:00:00Z", "Europe/Berlin", "year", "2025-12-29 00:00", "2026-01-05 00:00"),
        ("week", "2026-03-30T12:00:00Z", "Europe/Berlin", "week", "2026-03-23 00:00", "2026-03-30 00:00"),
        ("month", "2026-03-30T12:00:00Z", "Europe/Berlin", "month", "2026-02-01 00:00", "2026-03-01 00:00"),
        ("month", "2028-02-10T12:00:00Z", "Europe/Berlin", "year", "2027-02-01 00:00", "2027-03-01 00:00"),
        ("quarter", "2026-05-10T12:00:00Z", "Europe/Berlin", "previous", "2026-01-01 00:00", "2026-04-01 00:00"),
        ("quarter", "2026-05-10T12:00:00Z", "Europe/Berlin", "year", "2025-04-01 00:00", "2025-07-01 00:00"),
        ("year", "2026-05-10T12:00:00Z", "Australia/Lord_Howe", "year", "2025-01-01 00:00", "2026-01-01 00:00"),
        ("1h", "2026-10-04T22:10:00Z", "Australia/Lord_Howe", "week", "2026-09-28 09:00", "2026-09-28 10:00"),
        ("1h", "2026-03-30T08:10:00Z", "Europe/Berlin", "week", "2026-03-23 10:00", "2026-03-23 11:00"),
        ("24h", "2026-03-30T08:10:00Z", "Europe/Berlin", "week", "2026-03-22 10:10", "2026-03-23 10:10"),
        ("24h", "2026-03-30T08:10:00Z", "Europe/Berlin", "previous", "2026-03-28 09:10", "2026-03-29 10:10"),
        ("5m", "2026-03-31T08:10:00Z", "Europe/Berlin", "month", "2026-02-28 10:05", "2026-02-28 10:10"),
    ],
)
def test_the_same_period(name: str, at: str, zone: str, ago: Ago, *, start: str, end: str) -> None:
    found = earlier(window(name, at, zone), ago)
    assert found is not None
    assert (local(found.start, zone), local(found.end, zone)) == (start, end)
    assert (found.name, found.zone) == (name, zone)


@pytest.mark.parametrize(
    ("name", "ago"), [("month", "week"), ("quarter", "month"), ("40d", "month"), ("year", "month"), ("40d", "week")]
)
def test_a_window_that_is_longer_than_that_has_none(name: str, ago: Ago) -> None:
    assert earlier(window(name, "2026-05-10T12:00:00Z"), ago) is None


def test_the_longest_windows_have_one() -> None:
    zone = "Europe/Berlin"
    for name, at, ago in (
        ("week", "2026-10-21", "week"),
        ("month", "2026-10-10", "month"),
        ("year", "2028-06-01", "year"),
    ):
        assert earlier(window(name, f"{at}T12:00:00Z", zone), ago) is not None  # type: ignore[arg-type] # of a table


def test_weeks_of_a_year_and_a_month_ago_are_the_nearest_by_date() -> None:
    for number in range(0, 5000, 7):
        monday = datetime.date(2020, 1, 6) + datetime.timedelta(days=number)
        asked = window("week", f"{monday}T12:00:00Z")
        nearest: list[tuple[Ago, tuple[int, int]]] = [("month", (28, 35)), ("year", (364, 371))]
        for ago, days in nearest:
            found = earlier(asked, ago)
            assert found is not None
            assert (asked.start - found.start) // (24 * HOUR) in days
            assert found.end - found.start == 7 * 24 * HOUR


KEPT: dict[str, Callable[[Window], bool]] = {
    "minutes": lambda _: True,
    "quarters": lambda one: one.read_to % (15 * MINUTE) == 0 and one.start % (15 * MINUTE) == 0,
    "days": lambda one: local(one.read_to, one.zone).endswith("00:00") and local(one.start, one.zone).endswith("00:00"),
    "nothing": lambda _: False,
}
BERLIN = "Europe/Berlin"


def read(
    name: str, at: str, known: str | None, kept: str, *, ago: Ago = "previous", to_date: bool = True
) -> list[tuple[str, str]]:
    found = sides(
        window(name, at, BERLIN),
        {"before": ago},
        None if known is None else parse_time(known),
        KEPT[kept],
        to_date=to_date,
    )
    both = [found.window, *found.earlier.values()]
    return [(local(one.start, BERLIN), local(one.read_to, BERLIN)) for one in both]


def test_what_is_over_is_compared_whole() -> None:
    april = [("2026-04-01 00:00", "2026-05-01 00:00"), ("2026-03-01 00:00", "2026-04-01 00:00")]
    assert read("month", "2026-04-15T12:00:00Z", "2026-05-01T00:00:00Z", "days", to_date=False) == april
    assert read("month", "2026-04-15T12:00:00Z", "2026-04-30T21:59:59Z", "days", to_date=False) == april[:1]
    assert read("month", "2026-04-15T12:00:00Z", "2026-05-01T00:00:00Z", "nothing") == april[:1]


@pytest.mark.parametrize(
    ("kept", "here", "there"),
    [
        ("minutes", "2026-10-25 12:38", "2026-10-18 13:38"),
        ("quarters", "2026-10-25 12:30", "2026-10-18 13:30"),
        ("days", "2026-10-25 00:00", "2026-10-18 00:00"),
        ("nothing", "2026-10-26 00:00", None),
    ],
)
def test_to_date_both_go_as_far_as_panes_tell(kept: str, here: str, there: str | None) -> None:
    """The clock went back on 25 October, so that elapsed hours are not those that the clock shows."""
    found = read("week", "2026-10-25T12:00:00Z", "2026-10-25T11:38:20Z", kept)
    assert found[0] == ("2026-10-19 00:00", here)
    assert found[1:] == ([("2026-10-12 00:00", there)] if there else [])


def test_a_shorter_period_is_compared_whole_once_as_much_has_passed() -> None:
    found = read("month", "2026-03-31T12:00:00Z", "2026-03-31T10:00:00Z", "minutes")
    assert found == [("2026-03-01 00:00", "2026-03-31 12:00"), ("2026-02-01 00:00", "2026-03-01 00:00")]


def test_nothing_is_compared_before_anything_has_passed() -> None:
    nothing = [("2026-04-01 00:00", "2026-05-01 00:00")]
    assert read("month", "2026-04-15T12:00:00Z", None, "minutes") == nothing
    assert read("month", "2026-04-15T12:00:00Z", "2026-03-31T22:00:30Z", "minutes") == nothing
    assert read("month", "2026-04-15T12:00:00Z", "2026-04-01T10:00:00Z", "days") == nothing


@pytest.mark.parametrize(
    ("kept", "end"), [("minutes", "2026-04-15 12:38"), ("quarters", "2026-04-15 12:30"), ("days", "2026-04-15 00:00")]
)
def test_a_rolling_window_is_compared_as_it_last_was_known(kept: str, end: str) -> None:
    found = read("24h", "2026-04-15T10:39:30Z", "2026-04-15T10:38:20Z", kept, ago="week")
    day = datetime.datetime.fromisoformat(end)
    spans = [
        (day - datetime.timedelta(days=1), day),
        (day - datetime.timedelta(days=8), day - datetime.timedelta(days=7)),
    ]
    assert found == [(f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}") for start, end in spans]


def test_a_rolling_window_never_stands_for_one_that_is_all_over() -> None:
    asked = [("2026-04-15 12:34", "2026-04-15 12:39")]
    assert read("5m", "2026-04-15T10:39:30Z", "2026-04-15T10:38:20Z", "quarters") == asked
    assert read("5m", "2026-04-15T10:39:30Z", "2026-04-15T10:34:00Z", "minutes") == asked
    assert window("5m", "2026-04-15T10:39:30Z").kind is Kind.rolling


PERIODS = {"day": "2026-03-29", "week": "2026-W53", "month": "2026-03", "quarter": "2026-Q1", "year": "2026"}


@pytest.mark.parametrize(
    ("name", "at", "zone", "start", "end"),
    [
        ("day", "2026-07-01T12:00:00Z", "Europe/Berlin", "2026-03-29 00:00", "2026-03-30 00:00"),
        ("week", "2027-07-01T12:00:00Z", "Asia/Kathmandu", "2026-12-28 00:00", "2027-01-04 00:00"),
        ("month", "2026-04-30T22:30:00Z", "Europe/Berlin", "2026-03-01 00:00", "2026-04-01 00:00"),
        ("month", "2026-03-10T12:00:00Z", "Europe/Berlin", "2026-03-01 00:00", "2026-04-01 00:00"),
        ("quarter", "2028-02-10T12:00:00Z", "America/New_York", "2026-01-01 00:00", "2026-04-01 00:00"),
        ("year", "2028-02-10T12:00:00Z", "UTC", "2026-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_a_declared_period(name: str, at: str, zone: str, start: str, end: str) -> None:
    found = earlier(window(name, at, zone), PERIODS)
    assert found is not None
    assert (local(found.start, zone), local(found.end, zone)) == (start, end)


def test_what_is_before_the_declared_period_or_of_another_length_has_none() -> None:
    assert earlier(window("month", "2026-02-28T12:00:00Z"), PERIODS) is None
    assert earlier(window("month", "2026-07-01T12:00:00Z"), {"quarter": "2026-Q1"}) is None
    assert earlier(window("24h", "2026-07-01T12:00:00Z"), PERIODS) is None


@pytest.mark.parametrize(
    ("name", "period", "first_month", "day"),
    [
        ("quarter", "2026-Q4", 1, "2026-10-01"),
        ("quarter", "2026-Q1", 4, "2026-04-01"),
        ("quarter", "2026-Q4", 4, "2027-01-01"),
        ("year", "2026", 4, "2026-04-01"),
        ("month", "2026-03", 4, "2026-03-01"),
    ],
)
def test_quarters_and_years_are_those_of_the_business(name: str, period: str, first_month: int, day: str) -> None:
    assert str(first_day(name, period, first_month)) == day


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("month", "2026-13"),
        ("month", "2026-00"),
        ("month", "2026-Q1"),
        ("quarter", "2026-Q5"),
        ("quarter", "2026-03"),
        ("day", "2026-02-30"),
        ("week", "2026-W54"),
        ("year", "26"),
        ("year", "0000"),
    ],
)
def test_a_period_that_there_is_not(name: str, period: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_day(name, period)
