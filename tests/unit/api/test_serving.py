"""Which windows are answered, which one is meant, and what has been so far: each against the events themselves."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.times import parse_time, text_of
from services.api.metrics import Metrics
from services.api.questions import WindowRequest
from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.declarations import SHOP

Event = dict[str, str]
NOW = "2026-05-15T10:40:00Z"
MONTHS = "{rolling: [24h], tumbling: [1h], calendar: [day, month]}"
OF_SALES = "{n: {from: shop.sale, aggregate: count}}"
DECLARED = (
    SHOP
    + kpi("growing", OF_SALES, "n", windows=MONTHS)
    + kpi("whole", OF_SALES, "n", windows="{calendar: [month, day]}", more="serve: [complete]")
    + kpi("rolled", OF_SALES, "n", windows="{rolling: [24h], calendar: [day]}", more="serve: [rolling, to_date]")
    + kpi("never", "{n: {from: shop.sale, aggregate: count, where: store = 'x', window: ever}}", "n", windows=MONTHS)
    + kpi("running", OF_SALES, "n", windows="{calendar: [day]}", more="serve: [to_date]")
    + kpi("present", OF_SALES, "n", windows="{rolling: [24h], calendar: [day]}", more="serve: [now]")
    + kpi(
        "so_far",
        "{n: {from: shop.sale, aggregate: count, window: ever}, m: {from: shop.sale, aggregate: count},"
        " people: {from: shop.sale, aggregate: distinct, value: customer, window: ever}}",
        "n",
        windows=MONTHS,
        more="also: {people: people, here: m}\ndimensions: [store]",
    )
)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Pipeline, list[Event]]]:
    """A pipeline with four and a half months of sales, and these."""
    chance = random.Random(7)
    first, last = parse_time("2026-01-03T00:00:00Z"), parse_time(NOW)
    times = sorted(chance.randrange(first, last) for _ in range(400))
    events = [
        {"time": text_of(time), "customer": f"c{chance.randrange(80)}", "store": chance.choice("ns")} for time in times
    ]
    events.append({"time": "2026-05-15T10:39:00Z", "customer": "c1", "store": "n"})
    made = Pipeline(catalogue_of(tmp_path, DECLARED), now=NOW)
    made.send("shop.sale", *events, flush=False)
    yield made, events
    made.view.close()


def between(events: list[Event], start: str, end: str) -> list[Event]:
    return [event for event in events if parse_time(start) <= parse_time(event["time"]) < parse_time(end)]


def test_the_last_complete_window_answers_for_one_that_runs(asked: tuple[Pipeline, list[Event]]) -> None:
    made, events = asked
    april = between(events, "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z")
    value = made.value("whole")
    assert (value.window.name, value.window.start, value.window.end) == (
        "month", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z",
    )  # fmt: skip
    assert (value.value, value.state) == (len(april), "final")
    assert value.previous == len(between(events, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"))
    assert made.value("growing", "month").value == len(between(events, "2026-04-30T22:00:00Z", NOW))
    assert made.value("whole", "month", "2026-03-20T12:00:00Z").window.end == "2026-02-28T23:00:00Z"


def test_what_is_not_served_says_so(asked: tuple[Pipeline, list[Event]]) -> None:
    made, _ = asked
    reasons = {
        (name, *window): made.value(name, *window, complete=complete).reason
        for name, window, complete in [
            ("whole", ("24h",), False),
            ("running", ("day",), True),
            ("running", ("day",), False),
            ("present", ("24h",), False),
            ("present", ("day", "2026-05-14T12:00:00Z"), False),
            ("growing", ("week",), False),
        ]
    }
    assert reasons == {
        ("whole", "24h"): "not_served",
        ("running", "day"): None,
        ("present", "24h"): None,
        ("present", "day", "2026-05-14T12:00:00Z"): "not_served",
        ("growing", "week"): "not_served",
    }
    assert made.value("running", "day", complete=True).reason == "not_served"
    assert made.value("running", "day").previous is None, "nor is the day before, which is over"


def test_a_series_has_values_for_the_windows_that_are_served(asked: tuple[Pipeline, list[Event]]) -> None:
    made, events = asked
    answers = made.answers
    found = {}
    for name, window in (("whole", "day"), ("running", "day"), ("rolled", "24h"), ("growing", "7h")):
        declared = answers.questions.kpi(name)
        windows = answers.questions.series(declared, WindowRequest(window), 3, made.now)
        one = answers.questions.question(declared, WindowRequest(window), (), {}, made.now)
        with answers.reading() as reading:
            values = reading.values(type(one)(declared, windows, compare=False))
        found[name, window] = [value.value for (value,) in values]
    days = [f"2026-05-{day:02}T22:00:00Z" for day in range(11, 15)] + [NOW]
    counts = [len(between(events, start, end)) for start, end in itertools.pairwise(days)]
    assert found["whole", "day"] == counts[:3]
    assert found["running", "day"] == [None, None, counts[3]]
    assert found["rolled", "24h"] == [
        len(between(events, f"2026-05-{day}T00:00:00Z", f"2026-05-{day + 1}T00:00:00Z")) for day in (13, 14, 15)
    ]
    assert found["growing", "7h"] == [None, None, None]


def test_metrics_show_what_is_served(asked: tuple[Pipeline, list[Event]]) -> None:
    made, events = asked
    registry = CollectorRegistry()
    registry.register(Metrics(made.answers))
    lines = generate_latest(registry).decode().splitlines()
    shown = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith("kpi_")}
    april = len(between(events, "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z"))
    assert shown['kpi_value{kpi="whole",window="month"}'] == april
    assert shown['kpi_window_value{kpi="whole",periods_ago="1",window="month"}'] == april
    assert 'kpi_value{kpi="present",window="day"}' in shown
    assert not [line for line in shown if line.startswith("kpi_window_value") and 'kpi="present"' in line]


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(("window", "at"), [("month", "2026-04-10T00:00:00Z"), ("day", NOW), ("24h", NOW), ("1h", NOW)])
def test_ever_is_everything_up_to_the_window_s_end(
    asked: tuple[Pipeline, list[Event]], window: str, at: str, complete: bool
) -> None:
    made, events = asked
    value = made.value("so_far", window, at, complete=complete)
    before = [event for event in events if parse_time(event["time"]) < parse_time(value.window.end)]
    inside = between(events, value.window.start, value.window.end)
    assert len(before) > len(inside)
    assert (value.value, value.also) == (
        len(before), {"people": len({event["customer"] for event in before}), "here": len(inside)},
    )  # fmt: skip
    assert value.events == len(before)
    by_store = {
        each.dimensions["store"]: each.value
        for each in made.values("so_far", window, at, by=("store",), complete=complete)
    }
    assert by_store == {store: sum(event["store"] == store for event in before) for store in "ns"}


def test_ever_is_nothing_before_the_first_event_and_does_not_shrink_when_panes_go(
    asked: tuple[Pipeline, list[Event]],
) -> None:
    made, events = asked
    before = made.value("so_far", "month", "2025-12-10T00:00:00Z")
    assert (before.value, before.reason) == (None, "no_data")
    assert made.value("never", "day", "2026-05-16T12:00:00Z").value == 0, "so far, although the day has not begun"
    made.send("shop.sale", {"time": "2026-09-01T00:00:00Z", "customer": "c1", "store": "n"})
    assert made.value("so_far", "month", "2026-08-10T00:00:00Z").value == len(events), "of a month without any"
    made.now = parse_time("2026-09-01T01:00:00Z")
    gone = made.value("so_far", "1h", "2026-03-01T12:30:00Z")
    assert (gone.value, gone.reason) == (None, "not_served")
