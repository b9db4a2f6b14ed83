"""T2: how late an event is, is judged by those before it."""

import pytest

from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped

CLICKS = """
stream: web.click
partitions: 1
clock: replay
disorder: 30s
lateness: 5m
fields: {campaign: string}
""" + kpi(
    "clicks",
    "{clicks: {from: web.click, aggregate: count}}",
    "clicks",
    windows="{rolling: [5m], tumbling: [1h]}",
)
ARRIVAL = ("10:00:10", "10:04:50", "10:05:40", "10:03:00", "10:10:40", "10:04:59", "10:05:20")


def clicks_of(*times: str) -> list[dict[str, str]]:
    return [{"time": f"2026-03-02T{time}Z", "campaign": "x"} for time in times]


@pytest.mark.parametrize("flush", [True, False], ids=["each flushed", "one flush"])
def test_t2_late_events(pipeline: Made, flush: bool) -> None:
    made = pipeline(CLICKS)
    made.send("web.click", *clicks_of(*ARRIVAL), flush=flush)
    first, second = (made.value("clicks", "5m", f"2026-03-02T10:{end}:00Z") for end in ("05", "10"))
    assert (first.value, first.state, first.watermark) == (3, "final", "2026-03-02T10:10:10Z")
    assert (second.value, second.state) == (2, "provisional")
    assert [first.revision, second.revision] == ([2, 2] if flush else [1, 1]), "one flush: nobody saw less"
    hour = made.value("clicks", "1h", "2026-03-02T10:30:00Z")
    assert (hour.value, hour.state) == (6, "provisional")
    assert made.fates("web.click") == {"consumed": 7, "aggregated": 6, "late": 1}
    assert [record.lateness for record in made.late] == [311_000]


def test_t2_watermarks_on_the_way(pipeline: Made) -> None:
    made = pipeline(CLICKS)

    def watermark_after(*times: str) -> str | None:
        made.send("web.click", *clicks_of(*times))
        return made.value("clicks", "1h", "2026-03-02T10:30:00Z").watermark

    assert watermark_after(*ARRIVAL[:3]) == "2026-03-02T10:05:10Z"
    assert made.value("clicks", "5m", "2026-03-02T10:05:00Z").revision == 1
    assert watermark_after(*ARRIVAL[3:5]) == "2026-03-02T10:10:10Z"
    assert watermark_after(*ARRIVAL[5:]) == "2026-03-02T10:10:10Z"


@pytest.mark.parametrize(
    ("end", "before", "then"), [("05", "10:10:29.999", "10:10:30"), ("10", "10:15:29.999", "10:15:30")]
)
def test_t2_final_at_the_end_and_the_lateness(pipeline: Made, end: str, before: str, then: str) -> None:
    made = pipeline(CLICKS)

    def state_after(*times: str) -> str:
        made.send("web.click", *clicks_of(*times))
        return made.value("clicks", "5m", f"2026-03-02T10:{end}:00Z").state

    assert state_after(*ARRIVAL[:4], before) == "provisional"
    assert state_after(then) == "final"


AN_AD = {"campaign_id": "X", "ad_id": "A", "placement": "feed", "audience": "all", "is_bot": False}


@pytest.mark.parametrize("flush", [True, False], ids=["each flushed", "one flush"])
def test_t2_of_what_ships(pipeline: Made, flush: bool) -> None:
    windows = {"rolling": ["5m"], "tumbling": ["1h"]}
    made = pipeline(shipped("click_through_rate", windows=windows, disorder="30s", lateness="5m"))
    shown = [{**AN_AD, "time": f"2026-03-02T{time}:00Z", "count": 100} for time in ("10:02", "10:07", "12:00")]
    made.send("web.impression", *shown)
    clicked = [{**AN_AD, "time": f"2026-03-02T{time}Z", "click_id": time, "billable": True} for time in ARRIVAL]
    made.send("web.click", *clicked, flush=flush)

    first, second = (made.value("click_through_rate", "5m", f"2026-03-02T10:{end}:00Z") for end in ("05", "10"))
    assert (first.value, first.state, first.watermark) == (0.03, "final", "2026-03-02T10:10:10Z")
    assert (second.value, second.state) == (0.02, "provisional")
    assert [first.revision, second.revision] == ([2, 2] if flush else [1, 1])
    hour = made.value("click_through_rate", "1h", "2026-03-02T10:30:00Z")
    assert (hour.value, hour.state) == (0.03, "provisional"), "six clicks, and not seven, of 200"
    assert made.fates("web.click") == {"consumed": 7, "aggregated": 6, "late": 1}
    assert [record.lateness for record in made.late] == [311_000]
