"""Every call of the file becomes one event, in its own five minutes."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from services.cli.demo.bank_calls import DAY, STEP, Interval, calls, intervals, last_days, shift_to_end_at

NOON = 12 * 3_600_000


@pytest.fixture(scope="module")
def file() -> list[Interval]:
    from services.cli.demo.datasets import bank_calls  # noqa: PLC0415 - pandas takes a second to import

    return intervals(bank_calls())


def test_the_busiest_day_counts_as_in_the_file_in_every_five_minutes(file: list[Interval]) -> None:
    by_day = Counter[int]()
    for interval in file:
        by_day[interval.start // DAY] += interval.calls
    busiest = by_day.most_common(1)[0][0]
    day = [interval for interval in file if interval.start // DAY == busiest]
    events = calls(day, shift := 86_400_000 * 8000 + STEP * 7)
    counted = Counter((time - shift) // STEP * STEP for time in events["time"])
    assert counted == {interval.start: interval.calls for interval in day}
    assert events.height == by_day[busiest] == 42_889
    assert events["id"].n_unique() == events.height
    assert events["time"].is_sorted()


def test_the_last_days_are_those_with_calls(file: list[Interval]) -> None:
    days = sorted({interval.start // DAY for interval in last_days(file, 3)})
    assert [datetime.fromtimestamp(day * 86_400, UTC).date().isoformat() for day in days] == [
        "2003-10-22",
        "2003-10-23",
        "2003-10-24",
    ]


def test_the_shift_keeps_five_minute_windows_and_ends_by_the_end() -> None:
    chosen = [Interval(NOON, 3), Interval(NOON + STEP, 4)]
    end = NOON + 10 * DAY + 123_456
    shift = shift_to_end_at(chosen, end)
    last = chosen[-1].start + STEP + shift
    assert shift % STEP == 0
    assert end - STEP < last <= end


def test_ids_do_not_depend_on_the_shift() -> None:
    chosen = [Interval(NOON, 3)]
    assert calls(chosen, 0)["id"].to_list() == calls(chosen, STEP)["id"].to_list()
    assert calls(chosen, 0)["time"].to_list() == [NOON, NOON + 100_000, NOON + 200_000]
