"""KPIs whose values people record: by scope, over the days for which they are valid, and replaced by later ones."""

import pytest

from tests.cases.declared import Made
from tests.pipeline import Pipeline

RECORDED = """
kpi: {name}
recorded: {kind}
title: {name}
sentence: {name}.
department: sales
unit: {unit}
direction: up
kind: lagging
owner: nobody
dimensions: [site]
windows: {{calendar: [month, quarter]}}
"""
RATING = RECORDED.format(name="rating", kind="level", unit="points")
SAVED = RECORDED.format(name="saved", kind="total", unit="money")
MAY = "2026-05-15T00:00:00Z"


def record(made: Pipeline, kpi: str, value: int, **more: object) -> None:
    event = {
        "kpi": kpi, "from": "2026-04-01", "to": "2026-06-30", "value": value, "author": "Ann", "reason": "a survey",
        "time": "2026-04-02T09:00:00Z", "id": "first", **more,
    }  # fmt: skip
    made.send("kpi.value", event)


def pass_until(made: Pipeline, time: str) -> None:
    record(made, "nothing", 0, time=time, id=f"at {time}")


def test_a_level_holds_for_every_window_of_its_days(pipeline: Made) -> None:
    made = pipeline(RATING)
    record(made, "rating", 42, scale=1)
    record(made, "rating", 50, scale=1, scope={"site": "north"}, id="north")
    record(made, "rating", 10, scale=1, scope="site=south", id="south")
    pass_until(made, "2026-07-03T00:00:00Z")
    # What is recorded of the parts is not added to what is recorded of the whole.
    assert made.value("rating", "month", MAY).value == 4.2
    assert made.value("rating", "quarter", MAY).value == 4.2
    assert made.value("rating", "month", MAY, site="north").value == 5.0
    assert {value.dimensions["site"]: value.value for value in made.values("rating", "month", MAY, by=("site",))} == {
        "north": 5.0,
        "south": 1.0,
    }
    july = made.value("rating", "month", "2026-07-02T00:00:00Z")
    assert (july.value, july.reason) == (None, "no_data")


def test_a_total_is_shared_out_over_its_days(pipeline: Made) -> None:
    made = pipeline(SAVED)
    record(made, "saved", 9100, currency="EUR")
    pass_until(made, "2026-07-03T00:00:00Z")
    assert made.value("saved", "quarter", MAY).value == 91.0
    assert made.value("saved", "month", MAY).value == 31.0
    assert made.value("saved", "month", MAY).currency == "EUR"


def test_a_figure_that_is_replaced_after_its_window_restates_it(pipeline: Made) -> None:
    made = pipeline(RATING)
    record(made, "rating", 42, scale=1)
    pass_until(made, "2026-07-03T00:00:00Z")
    before = made.value("rating", "quarter", MAY)
    assert (before.value, before.state, before.revision, before.flags) == (4.2, "final", 1, ())
    again = {"scale": 1, "supersedes": "first", "id": "second", "time": "2026-07-09T09:00:00Z"}
    record(made, "rating", 45, **again)
    after = made.value("rating", "quarter", MAY)
    assert (after.value, after.state, after.revision, after.flags) == (4.5, "restated", 2, ("restated",))


def test_nothing_is_final_before_something_is_recorded(pipeline: Made) -> None:
    made = pipeline(RATING)
    pass_until(made, "2026-07-03T00:00:00Z")
    assert made.value("rating", "quarter", MAY).state == "provisional"
    record(made, "rating", 42, scale=1, time="2026-07-09T09:00:00Z")
    assert made.value("rating", "quarter", MAY).state == "final"


def test_two_figures_at_once_are_said(pipeline: Made) -> None:
    made = pipeline(RATING)
    record(made, "rating", 40, scale=1)
    record(made, "rating", 50, scale=1, id="another")
    pass_until(made, "2026-07-03T00:00:00Z")
    value = made.value("rating", "quarter", MAY)
    assert (value.value, value.flags) == (4.5, ("overlapping",))


@pytest.mark.parametrize("scope", [{"site": 1}, "north", {"Site": "north"}, {"site": "a;b"}, ["site"]])
def test_a_scope_that_is_none_is_refused(pipeline: Made, scope: object) -> None:
    made = pipeline(RATING)
    record(made, "rating", 42, scope=scope)
    assert made.fates("kpi.value")["invalid"] == 1
