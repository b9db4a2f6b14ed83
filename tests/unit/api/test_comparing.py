"""KPIs that compare: each number against the events of both spans, which are written down here one by one."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.times import parse_time, text_of
from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api.declarations import SHOP

Event = dict[str, str]
NOW = "2026-05-15T10:38:20Z"
"""A Friday; 12:38 in Berlin."""
WINDOWS = "{rolling: [24h], tumbling: [1h], calendar: [day, week, month]}"
AGO = ("previous", "week", "month", "year")
DECLARED = (
    SHOP
    + kpi("sales", "{n: {from: shop.sale, aggregate: count}}", "n", windows=WINDOWS, more="dimensions: [store]")
    + kpi(
        "people",
        "{n: {from: shop.sale, aggregate: distinct, value: customer}}",
        "n",
        windows=WINDOWS,
        more="dimensions: [store]",
    )
    + "".join(
        kpi(
            f"{of}_{ago}",
            "{}",
            f"({of} - before) / nullif(before, 0)",
            windows=WINDOWS,
            more=f"uses: [{of}]\ncompare: {{before: {{of: {of}, ago: {ago}}}}}\ndimensions: [store]",
        )
        for of in ("sales", "people")
        for ago in AGO
    )
    + kpi(
        "all_of_them",
        "{}",
        "(sales - before) / nullif(before, 0)",
        windows=WINDOWS,
        more="uses: [sales]\ndimensions: [store]\n"
        "also: {year: sales - year_ago, whole: sales, week: sales - week_ago}\n"
        "compare:\n  before: {of: sales, ago: previous}\n  year_ago: {of: sales, ago: year}\n"
        "  week_ago: {of: sales, ago: week}",
    )
    + kpi(
        "delayed",
        "{}",
        "sales - before",
        windows="{calendar: [day]}",
        more="uses: [sales]\ncompare: {before: {of: sales, ago: previous}}\nposting_delay: 2d\nserve: [complete]",
    )
)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """A sale about every two hours since January of the year before, and in the last days one every four minutes."""
    chance = random.Random(11)
    first, last = parse_time("2025-01-10T00:00:00Z"), parse_time(NOW)
    moments = sorted(
        [chance.randrange(first, last) for _ in range(6000)]
        + [chance.randrange(parse_time("2026-05-13T00:00:00Z"), last) for _ in range(900)]
    )
    sold = [
        {"time": text_of(one), "customer": f"c{chance.randrange(300)}", "store": chance.choice("nns")}
        for one in moments
    ]
    return [*sold, {"time": NOW, "customer": "c1", "store": "n"}]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> Iterator[Pipeline]:
    """A pipeline that has seen them all."""
    pipeline = Pipeline(catalogue_of(tmp_path_factory.mktemp("comparing"), DECLARED), now=NOW)
    pipeline.send("shop.sale", *events, flush=False)
    yield pipeline
    pipeline.view.close()


def within(events: list[Event], span: tuple[str, str], store: str | None = None) -> list[Event]:
    start, end = (parse_time(f"{moment}:00Z") for moment in span)
    return [event for event in events if start <= parse_time(event["time"]) < end and store in (None, event["store"])]


COUNTS: dict[str, Callable[[list[Event]], int]] = {
    "sales": len,
    "people": lambda found: len({event["customer"] for event in found}),
}
# Berlin is an hour before UTC until 29 March 2026 and two after it.
SPANS = [
    ("month", True, "previous", ("2026-03-31T22:00", "2026-04-30T22:00"), ("2026-02-28T23:00", "2026-03-31T22:00")),
    ("month", True, "year", ("2026-03-31T22:00", "2026-04-30T22:00"), ("2025-03-31T22:00", "2025-04-30T22:00")),
    (
        "month",
        False,
        "previous",
        ("2026-04-30T22:00", "2026-05-15T10:30"),
        ("2026-03-31T22:00", "2026-04-15T10:30"),
    ),
    ("month", False, "year", ("2026-04-30T22:00", "2026-05-14T22:00"), ("2025-04-30T22:00", "2025-05-14T22:00")),
    ("week", True, "week", ("2026-05-03T22:00", "2026-05-10T22:00"), ("2026-04-26T22:00", "2026-05-03T22:00")),
    ("week", True, "month", ("2026-05-03T22:00", "2026-05-10T22:00"), ("2026-04-05T22:00", "2026-04-12T22:00")),
    ("week", False, "month", ("2026-05-10T22:00", "2026-05-15T10:30"), ("2026-04-12T22:00", "2026-04-17T10:30")),
    ("week", False, "year", ("2026-05-10T22:00", "2026-05-14T22:00"), ("2025-05-11T22:00", "2025-05-15T22:00")),
    ("day", True, "week", ("2026-05-13T22:00", "2026-05-14T22:00"), ("2026-05-06T22:00", "2026-05-07T22:00")),
    ("day", False, "previous", ("2026-05-14T22:00", "2026-05-15T10:38"), ("2026-05-13T22:00", "2026-05-14T10:38")),
    ("day", False, "week", ("2026-05-14T22:00", "2026-05-15T10:30"), ("2026-05-07T22:00", "2026-05-08T10:30")),
    ("1h", True, "week", ("2026-05-15T09:00", "2026-05-15T10:00"), ("2026-05-08T09:00", "2026-05-08T10:00")),
    ("1h", False, "previous", ("2026-05-15T10:00", "2026-05-15T10:38"), ("2026-05-15T09:00", "2026-05-15T09:38")),
    ("24h", False, "previous", ("2026-05-14T10:38", "2026-05-15T10:38"), ("2026-05-13T10:38", "2026-05-14T10:38")),
    ("24h", False, "week", ("2026-05-14T10:30", "2026-05-15T10:30"), ("2026-05-07T10:30", "2026-05-08T10:30")),
    ("24h", False, "year", ("2026-05-13T22:00", "2026-05-14T22:00"), ("2025-05-13T22:00", "2025-05-14T22:00")),
]


@pytest.mark.parametrize("of", ["sales", "people"])
@pytest.mark.parametrize(("window", "complete", "ago", "here", "there"), SPANS)
def test_both_sides_are_what_happened_in_them(
    made: Pipeline, events: list[Event], *, of: str, window: str, complete: bool, ago: str,
    here: tuple[str, str], there: tuple[str, str],
) -> None:  # fmt: skip
    def growth(store: str | None = None) -> float | None:
        now, before = (COUNTS[of](within(events, span, store)) for span in (here, there))
        return (now - before) / before if before else None

    value = made.value(f"{of}_{ago}", window, complete=complete)
    assert value.value == growth()
    assert value.events == len(within(events, here)), "those of the window itself"
    broken_down = made.values(f"{of}_{ago}", window, complete=complete, by=("store",))
    found = {each.dimensions["store"]: each.value for each in broken_down}
    assert {store: found.get(store) for store in "ns"} == {store: growth(store) for store in "ns"}
    assert made.value(f"{of}_{ago}", window, complete=complete, store="n").value == growth("n")
    assert (value.state == "final") is (complete and window != "1h"), "an hour of lateness"


def test_each_formula_goes_as_far_as_what_it_compares_with(made: Pipeline, events: list[Event]) -> None:
    value = made.value("all_of_them", "month")
    quarter, midnight = "2026-05-15T10:30", "2026-05-14T22:00"
    now, before = (
        len(within(events, span)) for span in (("2026-04-30T22:00", quarter), ("2026-03-31T22:00", "2026-04-15T10:30"))
    )
    assert value.value == (now - before) / before
    days, year = (
        len(within(events, span)) for span in (("2026-04-30T22:00", midnight), ("2025-04-30T22:00", "2025-05-14T22:00"))
    )
    whole = len(within(events, ("2026-04-30T22:00", "2026-05-16T00:00")))
    assert value.also == {"year": days - year, "whole": whole, "week": None}, "a month has none a week ago"
    found = made.values("all_of_them", "month", by=("store",))
    assert [each.also["whole"] for each in found] == [
        len(within(events, ("2026-04-30T22:00", "2026-05-16T00:00"), store)) for store in "ns"
    ]


@pytest.mark.parametrize(
    ("name", "window", "at"),
    [
        ("sales_week", "month", NOW),
        ("sales_previous", "month", "2025-01-20T00:00:00Z"),
        ("sales_previous", "month", "2026-06-20T00:00:00Z"),
        ("sales_year", "1h", NOW),
        ("sales_year", "month", "2025-11-20T00:00:00Z"),
    ],
    ids=["longer", "nothing before", "not begun", "no longer kept", "nothing a year before"],
)
def test_what_is_not_comparable_says_so(made: Pipeline, name: str, window: str, at: str) -> None:
    value = made.value(name, window, at)
    assert (value.value, value.reason) in [(None, "not_comparable"), (None, "no_data")]
    assert (value.reason == "no_data") is ("06-20" in at)


def test_a_posting_delay_is_waited_for(made: Pipeline, events: list[Event]) -> None:
    days = [("2026-05-10T22:00", "2026-05-11T22:00"), ("2026-05-11T22:00", "2026-05-12T22:00")]
    before, there = (len(within(events, day)) for day in days)
    assert made.value("delayed", "day", "2026-05-13T12:00:00Z").value == there - before
    assert made.value("delayed", "day", "2026-05-14T12:00:00Z").reason == "not_comparable"


def test_a_sale_that_comes_late_changes_what_is_compared_and_the_revision(tmp_path: Path) -> None:
    made = Pipeline(catalogue_of(tmp_path, DECLARED), now=NOW)
    times = ["05-10T12:00", "05-11T12:00", "05-12T12:00", "05-12T22:10"]
    made.send("shop.sale", *({"time": f"2026-{time}:00Z", "customer": "c", "store": "n"} for time in times))
    before = made.value("sales_previous", "day", "2026-05-12T12:00:00Z")
    made.send("shop.sale", {"time": "2026-05-12T21:30:00Z", "customer": "c", "store": "n"})
    after = made.value("sales_previous", "day", "2026-05-12T12:00:00Z")
    made.view.close()
    assert (before.value, after.value) == (0.0, 1.0)
    assert (before.revision, after.revision, after.events) == (1, 2, 2)
