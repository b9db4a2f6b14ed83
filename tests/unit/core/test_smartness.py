"""What a KPI lacks to be specific, measurable, achievable, relevant and dated."""

import datetime
from typing import Any

import pytest

from kpi.smartness import Gap, History, asked_for, gaps, goal
from schemas.entities import TargetValue
from schemas.kpis import Catalogue, Kpi
from schemas.objectives import Objective

TODAY = datetime.date(2026, 6, 15)
WHOLE: dict[str, Any] = {
    "kpi": "waiting_time",
    "title": "Waiting time",
    "sentence": "How long customers wait for an answer, on average.",
    "department": "service",
    "unit": "seconds",
    "direction": "down",
    "kind": "leading",
    "owner": "support lead",
    "formula": "1",
    "windows": {"rolling": ["24h"], "calendar": ["day", "month"]},
    "targets": [{"value": 600, "window": "month", "from": "2026-01-01", "review": "2026-12-31"}],
}
MET = History("month", 12, (900.0, 700.0, 600.0))


def found(history: History | None = MET, named: bool = True, **changes: Any) -> list[Gap]:
    kpi = Kpi.model_validate({**WHOLE, **changes})
    objective = Objective(objective="answer", title="Answer", owner="us", kpis=("waiting_time",) if named else ())
    catalogue = Catalogue(streams={}, entities={}, targets={}, kpis={}, objectives={"answer": objective})
    return list(gaps(catalogue, kpi, TODAY, history))


def target(**changes: Any) -> dict[str, Any]:
    return {"targets": [{**WHOLE["targets"][0], **changes}]}


def test_one_that_lacks_nothing() -> None:
    assert found() == found(None) == []


@pytest.mark.parametrize(
    ("changes", "criterion", "message"),
    [
        ({"owner": " TBD "}, "specific", "nobody owns it; name who answers for it, such as owner: head of sales"),
        ({"sentence": "Waiting time."}, "specific", "its sentence says no more than its title; say what is "),
        ({"sentence": "waiting_time"}, "specific", "its sentence says no more than its title; "),
        ({"named": False}, "relevant", "no objective names it; declare one with kpis: [waiting_time], or add it to "),
        (target(review=None), "dated", "its target is never reviewed; add review: 2027-01-31, or another day"),
        (target(review="2026-06-14"), "dated", "its target was to be reviewed on 2026-06-14; set one that goes on "),
        (target(example=True), "dated", "its targets are the examples that were shipped; set your own, "),
        (target(**{"from": "2026-07-01"}), "dated", "its target does not hold before 2026-07-01"),
        ({"targets": []}, "dated", "it has no target; set one with a date to review it, under targets"),
        (
            {"history": History("month", 12, ())},
            "measurable",
            "it had no value in the last 12 complete windows of month; see that the events of its streams come in",
        ),
        (
            {"history": History("month", 12, (1.0, 2.0))},
            "achievable",
            "only 2 complete windows of month had a value: too few to say that the target can be met",
        ),
        (
            {"history": History("month", 12, (900.0, 660.0, 720.0))},
            "achievable",
            "the target was not met in any of the last 3 complete windows of month; the nearest was 11 minutes",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(changes: dict[str, Any], criterion: str, message: str) -> None:
    (gap,) = found(**changes)

    assert gap.criterion == criterion
    assert gap.message == message or (message[-1] != "." and gap.message.startswith(message))


def test_a_target_on_the_day_of_its_review_is_not_overdue() -> None:
    assert found(**target(review="2026-06-15")) == []


def test_more_is_better_where_that_is_the_direction() -> None:
    assert [gap.criterion for gap in found(direction="up", history=History("month", 3, (1.0, 2.0, 3.0)))] == [
        "achievable"
    ]
    assert found(direction="up", history=History("month", 3, (1.0, 2.0, 600.0))) == []


def test_the_goal_is_what_somebody_set_for_the_whole_in_the_longest_window() -> None:
    values = [
        {"value": 1, "from": "2026-01-01"},
        {"value": 2, "window": "month", "from": "2026-01-01"},
        {"value": 3, "window": "day", "from": "2026-02-01"},
        {"value": 4, "window": "month", "from": "2026-03-01"},
        {"value": 5, "window": "month", "from": "2026-04-01", "where": {"team": "north"}},
        {"value": 6, "window": "month", "from": "2026-05-01", "example": True},
        {"value": 7, "window": "month", "from": "2026-07-01"},
    ]
    kpi = Kpi.model_validate({**WHOLE, "dimensions": ["team"], "targets": values})

    found = goal(kpi, TODAY)

    assert found == TargetValue.model_validate(values[3])
    assert asked_for(kpi, found) == "month"
    assert asked_for(kpi, None) == "day"
