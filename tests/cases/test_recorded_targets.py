"""Targets that people record decide attainment and status, and answers say whose they are; so do annotations."""

import asyncio

import httpx2
import pytest

from services.api.application import create_app
from services.api.broadcast import Broadcast
from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

SALES = """
stream: shop.sale
partitions: 1
disorder: 0s
lateness: 1h
fields: {amount: int64, team: "string?"}
"""
RECORDS = """
---
stream: kpi.target
key: kpi
partitions: 1
corrections: 36500d
recorded: true
fields: {kpi: string, scope: "map?", start: date, review: "date?", value: int64, scale: {type: int16, default: 0},
  currency: "string?", window: "string?", author: string, reason: string, supersedes: "string?"}
---
stream: kpi.annotation
key: kpi
partitions: 1
corrections: 36500d
recorded: true
fields: {kpi: string, scope: "map?", from: date, to: "date?", text: string, author: string, supersedes: "string?"}
"""
WINDOWS = "{calendar: [day, month]}"
DECLARED = "dimensions: [team]\ntargets: [{value: 10, from: 2026-01-01, example: true}]"
MEAN = kpi(
    "mean", "{amount: {from: shop.sale, aggregate: mean, value: amount}}", "amount", windows=WINDOWS, more=DECLARED
)
TOTAL = kpi(
    "total", "{amount: {from: shop.sale, aggregate: sum, value: amount}}", "amount", windows=WINDOWS, more=DECLARED
)
SOLD = ("2026-04-09T10:00:00Z", "2026-04-10T10:00:00Z", "2026-04-11T10:00:00Z")


@pytest.fixture
def made(pipeline: Made) -> Pipeline:
    shop = pipeline(SALES + RECORDS + MEAN + TOTAL)
    for number, time in enumerate((*SOLD, "2026-04-20T10:00:00Z")):
        shop.send("shop.sale", {"id": f"s{number}", "time": time, "amount": 20, "team": "north"})
    return shop


def target(made: Pipeline, name: str, value: int, **more: object) -> None:
    said = {"kpi": "mean", "start": "2026-04-10", "author": "Ann", "reason": "agreed", "time": "2026-04-12T09:00:00Z"}
    made.send("kpi.target", {**said, "id": name, "value": value, **more})


def judged(
    made: Pipeline, at: str = SOLD[1], name: str = "mean", window: str = "day", **asked: str
) -> tuple[object, ...]:
    value = made.value(name, window, at, **asked)
    assert value.target_source is not None
    return value.target, value.attainment, value.status, value.target_source.origin, value.target_source.entry


DECLARES = (10.0, 2.0, "on_track", "catalogue", None)


def test_a_recorded_target_judges_from_its_first_day_on(made: Pipeline) -> None:
    assert judged(made) == DECLARES
    target(made, "first", 40)
    assert judged(made, SOLD[0]) == DECLARES
    assert judged(made, SOLD[1]) == (40.0, 0.5, "off_track", "recorded", "first")
    source = made.value("mean", "day", SOLD[1]).target_source
    assert source is not None
    assert (source.author, source.reason, source.entered, source.since) == (
        "Ann", "agreed", "2026-04-12T09:00:00Z", "2026-04-10",
    )  # fmt: skip


def test_a_corrected_target_changes_it_and_a_voided_one_goes(made: Pipeline) -> None:
    target(made, "first", 40)
    target(made, "second", 250, scale=1, supersedes="first", time="2026-04-13T09:00:00Z")
    assert judged(made) == (25.0, 0.8, "off_track", "recorded", "second")
    target(made, "never", 0, voids="first", time="2026-04-14T09:00:00Z")
    assert judged(made) == DECLARES


def test_the_more_specific_stands(made: Pipeline) -> None:
    target(made, "north", 20, scope={"team": "north"}, start="2025-12-01")
    target(made, "all", 40)
    assert judged(made, team="north")[4] == "north"
    assert judged(made)[4] == "all"


def test_a_total_is_shared_out_over_its_days(made: Pipeline) -> None:
    target(made, "april", 300, kpi="total", start="2026-04-01", review="2026-04-30")
    assert judged(made, name="total") == (10.0, 2.0, "met", "recorded", "april")
    month = made.value("total", "month", SOLD[1])
    assert (month.target, month.target_source and month.target_source.total) == (300.0, 300.0)
    target(made, "daily", 40, kpi="total", start="2026-04-01", review="2026-12-31", window="day")
    assert judged(made, name="total") == (40.0, 0.5, "off_track", "recorded", "daily")
    assert made.value("total", "month", SOLD[1]).target == 300.0


def test_it_survives_a_restart(made: Pipeline) -> None:
    target(made, "first", 40)
    again = made.restarted(made.answers.catalogue)
    assert judged(again) == (40.0, 0.5, "off_track", "recorded", "first")
    again.view.close()


def test_annotations_stand_in_the_answers_of_their_days(made: Pipeline) -> None:
    said = {"kpi": "mean", "text": "a fair", "author": "Bob", "time": "2026-04-12T09:00:00Z"}
    made.send("kpi.annotation", {**said, "id": "fair", "from": "2026-04-10", "scope": {"team": "north"}})

    def noted(at: str, **asked: str) -> list[str]:
        return [note.text for note in made.value("mean", "day", at, **asked).annotations]

    assert [noted(at) for at in SOLD] == [[], ["a fair"], []]
    assert noted(SOLD[1], team="north") == ["a fair"]
    assert noted(SOLD[1], team="south") == []
    assert noted(SOLD[1]) == ["a fair"]


async def test_a_series_and_the_list_name_each_annotation_of_their_days_once(made: Pipeline) -> None:
    said = {"kpi": "mean", "text": "a fair", "author": "Bob", "time": "2026-04-12T09:00:00Z"}
    made.send("kpi.annotation", {**said, "id": "fair", "from": "2026-04-10", "scope": {"team": "north"}})
    made.send("kpi.annotation", {**said, "id": "before", "from": "2026-03-10"})
    made.send("kpi.annotation", {**said, "id": "long", "from": "2026-04-09", "to": "2026-04-11"})
    app = create_app(made.answers, Broadcast(made.answers, asyncio.Event()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:

        async def noted(path: str, **asked: str) -> list[str]:
            answer = await client.get(path, params=asked)
            return [each["entry"] for each in answer.json()["annotations"]]

        series = {"window": "day", "at": SOLD[2], "points": "3"}
        assert await noted("/v1/kpis/mean/series", **series) == ["long", "fair"]
        assert await noted("/v1/kpis/mean/series", **series, team="south") == ["long"]
        assert await noted("/v1/kpis/mean/series", **{**series, "points": "1"}) == ["long"]
        assert await noted("/v1/annotations", **{"from": "2026-04-10", "to": "2026-04-10"}) == ["long", "fair"]
        assert await noted("/v1/annotations", to="2026-03-31", kpi="mean") == ["before"]
        refused = await client.get("/v1/annotations", params={"from": "April"})
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "from")
