"""Which window a moment belongs to, in zones whose days are not 24 hours."""

from dataclasses import replace

import pytest

from kpi.windows import Kind, UnknownWindow, Window, complete_windows, kind_of, previous, window_at
from schemas.kpis import Windows
from schemas.times import parse_time

HOUR = 3_600_000


def calendar(name: str, at: str, zone: str, *, complete: bool = False) -> Window:
    return window_at(name, Kind.calendar, parse_time(at), zone, complete=complete)


def bounds(window: Window) -> tuple[int, int]:
    return window.start, window.end


def span(start: str, end: str) -> tuple[int, int]:
    return parse_time(start), parse_time(end)


@pytest.mark.parametrize(
    ("zone", "at", "start", "end"),
    [
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("Africa/Cairo", "2026-04-24T10:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
        ("Asia/Kathmandu", "2026-10-25T10:00:00Z", "2026-10-24T18:15:00Z", "2026-10-25T18:15:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T01:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
        ("UTC", "2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"),
    ],
)
def test_t4_days_of_zones(zone: str, at: str, start: str, end: str) -> None:
    assert bounds(calendar("day", at, zone)) == span(start, end)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("week", "2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z"),
        ("month", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"),
        ("quarter", "2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z"),
        ("year", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"),
    ],
)
def test_longer_periods_start_at_midnight_of_the_zone(name: str, start: str, end: str) -> None:
    assert bounds(calendar(name, "2026-10-25T22:30:00Z", "Europe/Berlin")) == span(start, end)


def test_the_end_of_a_window_is_the_start_of_the_next() -> None:
    midnight = "2026-10-25T23:00:00Z"
    assert calendar("day", midnight, "Europe/Berlin").start == parse_time(midnight)
    assert calendar("day", midnight, "Europe/Berlin", complete=True).end == parse_time(midnight)


def test_previous_day_has_its_own_length() -> None:
    today = calendar("day", "2026-10-26T12:00:00Z", "Europe/Berlin")
    assert today.end - today.start == 24 * HOUR
    before = previous(today)
    assert (before.end, before.end - before.start) == (today.start, 25 * HOUR)


def test_the_window_before_is_read_to_its_end() -> None:
    at = parse_time("2026-10-26T12:10:00Z")
    for kind, name in ((Kind.rolling, "5m"), (Kind.tumbling, "1h"), (Kind.calendar, "day")):
        asked = window_at(name, kind, at, "UTC")
        before = previous(replace(asked, until=asked.start + 60_000))
        assert (before.until, before.read_to) == (None, asked.start)


def test_rolling_window_ends_at_the_last_whole_minute() -> None:
    at = parse_time("2026-11-22T14:48:33.004Z")
    assert bounds(window_at("5m", Kind.rolling, at, "UTC")) == span("2026-11-22T14:43:00Z", "2026-11-22T14:48:00Z")
    running = window_at("5m", Kind.rolling, at, "UTC", include_open=True)
    assert bounds(running) == span("2026-11-22T14:44:00Z", "2026-11-22T14:49:00Z")
    whole = parse_time("2026-11-22T14:48:00Z")
    assert window_at("5m", Kind.rolling, whole, "UTC", include_open=True).end == whole


def test_tumbling_window_holds_the_moment_or_is_the_last_complete_one() -> None:
    at = parse_time("2026-11-22T14:48:33Z")
    assert bounds(window_at("1h", Kind.tumbling, at, "UTC")) == span("2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z")
    complete = window_at("1h", Kind.tumbling, at, "UTC", complete=True)
    assert bounds(complete) == span("2026-11-22T13:00:00Z", "2026-11-22T14:00:00Z")


def test_complete_windows_of_a_rolling_name_lie_side_by_side() -> None:
    found = complete_windows("5m", Kind.rolling, parse_time("2026-11-22T14:48:33Z"), "UTC", 3)
    assert [bounds(window) for window in found] == [
        span("2026-11-22T14:40:00Z", "2026-11-22T14:45:00Z"),
        span("2026-11-22T14:35:00Z", "2026-11-22T14:40:00Z"),
        span("2026-11-22T14:30:00Z", "2026-11-22T14:35:00Z"),
    ]


def test_kind_follows_the_declaration() -> None:
    declared = Windows(rolling=("5m",), tumbling=("1h",), calendar=("day",))
    assert [kind_of(name, declared) for name in ("5m", "1h", "day", "2h")] == [
        Kind.rolling, Kind.tumbling, Kind.calendar, Kind.tumbling,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "fortnight", "30s", "0m", "-5m", "90s"])
def test_what_is_no_window_is_refused(name: str) -> None:
    with pytest.raises(UnknownWindow):
        kind_of(name)
