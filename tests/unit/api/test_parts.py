"""What streams contribute by dates of their own, spread over days, and by the clock, as values."""

import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.times import parse_time
from tests.oracle.dated import first_instant, hour_of_week, shares
from tests.pipeline import Pipeline, catalogue_of

BERLIN = "Europe/Berlin"
BOOKS = """
stream: book.entry
key: centre
partitions: 1
clock: replay
disorder: 0s
lateness: 1d
fields: {centre: string, kind: {enum: [income, cost]}, amount: int64, effective: date}
contributions:
  posted:
    at: {day: effective, zone: Europe/Berlin}
    within: 40d
    value: amount
    dimensions: {centre: centre, side: "upper(kind)"}
---
stream: ad.spend
partitions: 1
clock: replay
disorder: 0s
lateness: 1d
fields: {campaign: string, amount: int64, "from": date, to: date, home: "string?"}
contributions:
  daily:
    spread: {from: from, to: to, zone: Europe/Berlin}
    within: 90d
    value: amount
    dimensions: {campaign: campaign}
  at_home:
    spread: {from: from, to: to, zone: home}
    value: 2 * amount
    where: home is not null
---
stream: desk.call
partitions: 1
clock: replay
disorder: 0s
lateness: 400d
fields: {seconds: int32}
contributions:
  answered:
    value: seconds
    dimensions:
      hour: {hour_of_week: time, zone: Europe/Berlin}
      weekday: {day_of_week: time - 1000 * seconds, zone: America/New_York}
      clock: {hour_of_day: time, zone: Asia/Kathmandu}
---
kpi: income
title: Income
sentence: What came in.
department: finance
unit: points
direction: up
kind: lagging
owner: head of finance
measures: {posted: {from: book.entry.posted, aggregate: sum, where: side = 'INCOME'}}
formula: posted
dimensions: [centre]
windows: {rolling: [24h], calendar: [day, month]}
reach: 40d
---
kpi: entries
title: Entries
sentence: How many entries were typed in.
department: finance
unit: entries
direction: up
kind: lagging
owner: head of finance
measures: {typed: {from: book.entry, aggregate: count}}
formula: typed
windows: {calendar: [day, month]}
---
kpi: spend
title: Spend
sentence: What advertising cost.
department: marketing
unit: points
direction: down
kind: leading
owner: head of marketing
measures: {spent: {from: ad.spend.daily, aggregate: sum}, days: {from: ad.spend.daily, aggregate: count}}
formula: spent
also: {days: days}
dimensions: [campaign]
windows: {calendar: [day, month]}
reach: 90d
---
kpi: spend_at_home
title: Spend at home
sentence: What advertising cost twice, by days of where it was shown.
department: marketing
unit: points
direction: down
kind: leading
owner: head of marketing
measures: {spent: {from: ad.spend.at_home, aggregate: sum}}
formula: spent
windows: {calendar: [day, month]}
reach: 90d
---
kpi: calls
title: Calls
sentence: How many calls there were.
department: service
unit: calls
direction: up
kind: leading
owner: head of service
measures:
  answered: {from: desk.call.answered, aggregate: count}
  longest: {from: desk.call.answered, aggregate: max}
  latest: {from: desk.call.answered, aggregate: last}
formula: answered
also: {longest: longest, latest: latest}
dimensions: [hour, weekday, clock]
windows: {calendar: [day, year]}
---
reporting: default
zones: [UTC, Europe/Berlin]
"""
Event = dict[str, Any]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, BOOKS))
    yield pipeline
    pipeline.view.close()


def entry(time: str, effective: str, amount: int, centre: str = "a", kind: str = "income", **more: Any) -> Event:
    return {"time": time, "effective": effective, "amount": amount, "centre": centre, "kind": kind, **more}


def spent(first: str, last: str, amount: int, **more: Any) -> Event:
    return {"time": "2026-06-20T00:00:00Z", "campaign": "c", "amount": amount, "from": first, "to": last, **more}


def of(pipeline: Pipeline, kpi: str, window: str, at: str, **asked: Any) -> object:
    return pipeline.value(kpi, window, at, time_zone=BERLIN, **asked).value


def test_an_entry_counts_at_its_own_date_whenever_it_is_posted(made: Pipeline) -> None:
    made.send(
        "book.entry",
        entry("2026-03-30T10:00:00Z", "2026-03-28", 400),
        entry("2026-04-01T10:00:00Z", "2026-03-01", 30),
        entry("2026-04-02T10:00:00Z", "2026-03-31", 5, centre="b"),
        entry("2026-04-02T11:00:00Z", "2026-04-01", 1000),
        entry("2026-04-02T12:00:00Z", "2026-03-31", 7, kind="cost"),
    )

    assert of(made, "income", "month", "2026-03-15T00:00:00Z") == 435
    assert of(made, "income", "month", "2026-03-15T00:00:00Z", centre="a") == 430
    assert of(made, "income", "day", "2026-03-31T12:00:00Z") == 5
    # The local day begins in the UTC day before.
    assert of(made, "income", "day", "2026-03-30T12:00:00Z") == 0
    assert made.value("income", "day", "2026-03-30T12:00:00Z", time_zone="UTC").value == 5
    assert of(made, "entries", "month", "2026-03-15T00:00:00Z") == 1


def test_what_is_dated_ahead_is_not_read_before_its_time(made: Pipeline) -> None:
    made.send("book.entry", entry("2026-03-30T10:00:00Z", "2026-04-02", 8))
    made.send("book.entry", entry("2026-04-01T10:00:00Z", "2026-04-01", 1))

    assert of(made, "income", "month", "2026-04-10T00:00:00Z") == 1

    made.send("book.entry", entry("2026-04-02T10:00:00Z", "2026-04-02", 2))
    assert of(made, "income", "month", "2026-04-10T00:00:00Z") == 11


def test_a_month_without_entries_is_zero_from_the_first_date_on(made: Pipeline) -> None:
    made.send(
        "book.entry",
        entry("2026-04-08T10:00:00Z", "2026-03-01", 0, centre="z"),
        entry("2026-04-09T10:00:00Z", "2026-04-05", 3),
    )

    assert of(made, "income", "day", "2026-03-20T12:00:00Z") == 0
    nothing = made.value("income", "month", "2026-02-10T00:00:00Z", time_zone=BERLIN)
    assert (nothing.value, nothing.reason) == (None, "no_data")
    # Events at their own time began in April.
    typed = made.value("entries", "month", "2026-03-20T12:00:00Z", time_zone=BERLIN)
    assert (typed.value, typed.reason) == (None, "no_data")


def test_the_first_date_outlives_a_restart(tmp_path: Path, made: Pipeline) -> None:
    made.send("book.entry", entry("2026-04-08T10:00:00Z", "2026-03-01", 1))
    again = made.restarted(catalogue_of(tmp_path, BOOKS))
    again.send("book.entry", entry("2026-04-09T10:00:00Z", "2026-04-05", 3))

    assert of(again, "income", "day", "2026-03-20T12:00:00Z") == 0
    again.view.close()


def test_what_is_said_too_long_after_its_date_is_late_and_counts_nowhere(made: Pipeline) -> None:
    just = first_instant(datetime.date(2026, 3, 1), BERLIN) + 40 * 86_400_000
    made.send("book.entry", entry("2026-03-01T10:00:00Z", "2026-03-01", 1))
    made.send("book.entry", {**entry("", "2026-03-01", 10), "time": just})
    made.send("book.entry", {**entry("", "2026-03-01", 100), "time": just + 1})

    assert of(made, "income", "month", "2026-03-15T00:00:00Z") == 11
    assert [late.lateness for late in made.late] == [1]
    assert made.fates("book.entry") == {"aggregated": 2, "late": 1, "consumed": 3}


def test_it_is_final_once_nothing_can_be_said_of_it(made: Pipeline) -> None:
    made.send("book.entry", entry("2026-03-30T10:00:00Z", "2026-03-28", 4))
    end = first_instant(datetime.date(2026, 4, 1), BERLIN)
    states = []
    for moment in (end + 41 * 86_400_000 - 1, end + 41 * 86_400_000):
        made.send("book.entry", {**entry("", "2026-05-01", 0), "time": moment})
        states.append(made.value("income", "month", "2026-03-15T00:00:00Z", time_zone=BERLIN).state)

    assert states == ["provisional", "final"]


@pytest.mark.parametrize("amount", [1000, -1000, 1, -1, 0, 7, 2**53, -(2**53)])
def test_shares_add_up_to_the_last_unit(made: Pipeline, amount: int) -> None:
    first, last = datetime.date(2026, 3, 25), datetime.date(2026, 5, 3)
    made.send("ad.spend", spent(str(first), str(last), amount), spent("2026-06-01", "2026-06-01", 0))

    wanted = dict(shares(amount, first, last))
    for day in (first, datetime.date(2026, 3, 29), datetime.date(2026, 4, 1), last):
        assert of(made, "spend", "day", f"{day}T12:00:00Z") == wanted[day]
    months = [of(made, "spend", "month", f"2026-{month:02}-10T00:00:00Z") for month in (3, 4, 5)]
    assert months == [sum(share for day, share in wanted.items() if day.month == month) for month in (3, 4, 5)]
    assert sum(map(int, map(str, months))) == amount
    april = made.value("spend", "month", "2026-04-10T00:00:00Z", time_zone=BERLIN)
    assert april.also == {"days": 30}


def test_days_are_those_of_a_field_and_odd_ones_stop_nothing(made: Pipeline) -> None:
    spans = [("Asia/Tokyo", 10), ("America/New_York", 1000), ("Nowhere/At_all", 5), (None, 7)]
    for home, amount in spans:
        made.send("ad.spend", spent("2026-04-10", "2026-04-10", amount, home=home))

    assert made.value("spend_at_home", "day", "2026-04-10T12:00:00Z", time_zone="UTC").value == 2000
    assert made.value("spend_at_home", "day", "2026-04-09T12:00:00Z", time_zone="UTC").value == 20
    assert made.value("spend", "day", "2026-04-10T12:00:00Z", time_zone=BERLIN).value == 1022


@pytest.mark.parametrize(("first", "last"), [("2026-04-10", "2026-04-09"), ("2023-04-06", "2026-04-10")])
def test_spans_that_end_before_they_begin_or_take_years_are_invalid(made: Pipeline, first: str, last: str) -> None:
    made.send("ad.spend", spent(first, last, 1))

    assert made.fates("ad.spend") == {"invalid": 1, "consumed": 1}


def test_calls_by_the_clock_over_both_changes(made: Pipeline) -> None:
    # The night to 29 March has no hour 2 in Berlin, that to 25 October has two.
    starts = [parse_time("2026-03-28T21:30:00Z"), parse_time("2026-10-24T20:30:00Z")]
    moments = [start + hour * 3_600_000 for start in starts for hour in range(9)]
    calls = [{"time": moment, "seconds": place + 1} for place, moment in enumerate(moments)]
    made.send("desk.call", *calls, flush=False)

    def by(dimension: str) -> dict[str | None, object]:
        found = made.values("calls", "year", "2026-06-01T00:00:00Z", by=(dimension,))
        return {value.dimensions[dimension]: value.value for value in found}

    hours = Counter(hour_of_week(moment, BERLIN) for moment in moments)
    assert by("hour") == hours
    assert hours["sun 02"] == 2
    assert by("clock") == Counter(hour_of_week(moment, "Asia/Kathmandu")[4:] for moment in moments)
    begun = [moment - 1000 * (place + 1) for place, moment in enumerate(moments)]
    assert by("weekday") == Counter(hour_of_week(moment, "America/New_York")[:3] for moment in begun)
    whole = made.value("calls", "year", "2026-06-01T00:00:00Z")
    assert whole.also == {"longest": 18, "latest": 18}


def test_a_part_that_is_counted_later_has_no_value_until_a_rebuild(tmp_path: Path, made: Pipeline) -> None:
    made.send("book.entry", entry("2026-03-30T10:00:00Z", "2026-05-20", 400))
    other = BOOKS.replace("dimensions: [centre]", "dimensions: [centre, side]", 1)
    again = made.restarted(catalogue_of(tmp_path, other))
    again.send("book.entry", entry("2026-05-21T10:00:00Z", "2026-05-20", 1))

    value = again.value("income", "month", "2026-05-15T00:00:00Z", time_zone=BERLIN)
    assert (value.value, value.reason) == (None, "before_start")
    again.view.close()


def test_a_zone_that_is_reported_later_has_no_values_of_dates_until_a_rebuild(tmp_path: Path, made: Pipeline) -> None:
    made.send("book.entry", entry("2026-03-30T10:00:00Z", "2026-05-20", 400))
    again = made.restarted(catalogue_of(tmp_path, BOOKS.replace("Berlin]", "Berlin, Asia/Tokyo]")))
    for day in ("2026-05-20", "2026-08-20"):
        again.send("book.entry", entry(f"{day}T10:00:00Z", day, 1))

    value = again.value("income", "month", "2026-05-15T00:00:00Z", time_zone="Asia/Tokyo")
    assert (value.value, value.reason) == (None, "before_start")
    assert of(again, "income", "month", "2026-05-15T00:00:00Z") == 401
    again.view.close()
