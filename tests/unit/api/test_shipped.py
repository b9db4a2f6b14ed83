"""What the shipped declarations mean where the year of the table has nothing to show."""

from collections.abc import Iterator

import pytest

from services.runtime.catalogue import load
from tests.pipeline import Pipeline

DEAL = {
    "customer_id": "k", "rep_id": "r", "team": "north", "stage": "new", "amount_minor": 100, "currency": "EUR",
    "segment": "small", "region": "emea",
}  # fmt: skip
ANSWER = {
    "survey_id": "q", "population": "customer", "question": "nps", "action": "answered", "scale_min": 0,
    "scale_max": 10, "segment": "small",
}  # fmt: skip
LEAD = {"team": "north", "lead_source": "web", "segment": "small", "region": "emea"}
NOON = "2026-03-02T12:00:00Z"


@pytest.fixture
def made() -> Iterator[Pipeline]:
    pipeline = Pipeline(load([], packs=["sales", "service"]))
    yield pipeline
    pipeline.view.close()


def deal(name: str, action: str, hour: int, **changes: object) -> dict[str, object]:
    return {**DEAL, "deal_id": name, "action": action, "time": f"2026-03-02T{hour:02}:00:00Z", **changes}


def test_the_funnel_of_those_who_keep_no_leads_is_that_of_their_deals(made: Pipeline) -> None:
    made.send("sales.deal", deal("D", "opened", 8), deal("D", "won", 9), deal("E", "opened", 8), deal("E", "lost", 11))
    assert made.value("funnel_stage_conversion", "day", NOON).value == 0.5
    assert made.value("time_in_stage", "day", NOON).value == (1 + 3) * 3600 / 2
    (new,) = made.values("funnel_stage_conversion", "day", NOON, by=("stage",))
    assert (new.dimensions, new.value) == ({"stage": "new"}, 0.5)


def test_a_funnel_without_anything_has_no_value(made: Pipeline) -> None:
    value = made.value("funnel_stage_conversion", "day", NOON)
    assert (value.value, value.reason) == (None, "no_data")


def test_leads_and_deals_are_one_funnel(made: Pipeline) -> None:
    made.send("sales.deal", deal("D", "opened", 8), deal("D", "lost", 9))
    lead = {**LEAD, "lead_id": "L", "time": "2026-03-02T08:00:00Z"}
    made.send("sales.lead", {**lead, "action": "created"}, {**lead, "action": "qualified", "time": NOON})
    day = made.value("funnel_stage_conversion", "day", NOON)
    assert (day.value, day.events) == (0.5, 2)
    found = made.values("funnel_stage_conversion", "day", NOON, by=("stage",))
    assert {value.dimensions["stage"]: value.value for value in found} == {"created": 1, "new": 0}


def test_a_reverted_deal_is_back_in_the_stage_that_it_names(made: Pipeline) -> None:
    made.send("sales.deal", deal("D", "opened", 8), deal("D", "won", 9))
    assert made.value("funnel_stage_conversion", "day", NOON).value == 1
    made.send("sales.deal", deal("D", "reverted", 10))
    assert made.value("funnel_stage_conversion", "day", NOON).reason == "no_data"
    made.send("sales.deal", deal("D", "lost", 11))
    assert made.value("funnel_stage_conversion", "day", NOON).value == 0
    assert made.value("time_in_stage", "day", NOON).value == 2 * 3600, "the hour of having won it is none of its stage"


def test_a_lost_deal_that_is_reverted_late_takes_back_no_win(made: Pipeline) -> None:
    made.send("sales.deal", deal("D", "won", 8), deal("E", "lost", 9))
    assert made.value("win_rate", "day", NOON).value == 0.5
    late = "2026-07-01T09:00:00Z"
    made.send("sales.deal", deal("E", "reverted", 9, time=late))
    assert made.value("win_rate", "day", NOON).value == 0.5
    assert made.value("win_rate", "day", late).reason in ("no_data", "division_by_zero")


def test_a_score_beyond_all_scales_is_refused(made: Pipeline) -> None:
    for respondent, score in (("a", 10), ("b", 11)):
        made.send("survey.response", {**ANSWER, "respondent_id": respondent, "score": score, "time": NOON})
    assert (made.value("nps", "day", NOON).value, made.value("nps", "day", NOON).events) == (100, 1)
    assert made.fates("survey.response") == {"consumed": 2, "aggregated": 1, "invalid": 1}
