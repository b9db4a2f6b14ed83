"""Targets in force, attainment, and the status that follows."""

import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from kpi.status import Situation, Status, status_of
from kpi.targets import attainment, direction_of, target_in_force
from schemas.entities import TargetValue
from schemas.kpis import Kpi
from schemas.times import parse_time

REVIEW = datetime.date(2026, 12, 31)


def target(**given: Any) -> TargetValue:
    return TargetValue.model_validate({"from": datetime.date(2026, 1, 1), **given})


def status(value: float | None, direction: str = "up", **given: Any) -> Status | None:
    stated = {
        "value": value, "direction": direction, "target": target(value=100, review=REVIEW), "margin": 0.1,
        "events": 50, "minimum_volume": 0, "progress": 1.0, "forecast": None, "final": False,
        "today": datetime.date(2026, 6, 1),
    }  # fmt: skip
    return status_of(Situation(**(stated | given)))


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [
        (100, "up", "on_track"), (90, "up", "at_risk"), (89.9, "up", "off_track"),
        (100, "down", "on_track"), (110, "down", "at_risk"), (110.1, "down", "off_track"),
        (None, "up", "no_data"), (100, "none", None),
    ],
)  # fmt: skip
def test_value_against_target(value: float | None, direction: str, expected: str | None) -> None:
    assert status(value, direction) == expected


def test_nothing_to_judge_by() -> None:
    assert status(5, target=None) is None
    assert status(None, target=None) is Status.no_data


def test_too_early() -> None:
    assert status(200, events=4, minimum_volume=5) is Status.too_early
    assert status(200, events=5, minimum_volume=5) is Status.on_track
    assert status(200, progress=0.19) is Status.too_early
    assert status(200, progress=0.2) is Status.on_track
    assert status(200, progress=None) is Status.on_track
    assert status(200, events=None, minimum_volume=5) is Status.on_track


def test_a_total_is_judged_by_where_it_will_end() -> None:
    assert status(50, forecast=100) is Status.on_track
    assert status(50, forecast=95) is Status.at_risk
    assert status(50, forecast=80) is Status.off_track
    assert status(50, "down", forecast=100) is Status.on_track
    assert status(50, "down", forecast=200) is Status.at_risk, "it will be missed, and has not been yet"
    assert status(120, "down", forecast=200) is Status.off_track


def test_the_verdict_is_given_after_the_review_date_and_only_of_final_values() -> None:
    after: dict[str, Any] = {"today": datetime.date(2027, 1, 1)}
    assert status(100, final=True, **after) is Status.met
    assert status(99, final=True, **after) is Status.not_met
    assert status(99, final=False, **after) is Status.at_risk
    assert status(99, final=True, today=REVIEW) is Status.at_risk


@pytest.mark.parametrize(
    ("value", "expected"), [(9, "off_track"), (9.5, "at_risk"), (10, "on_track"), (20, "on_track"), (22.5, "off_track")]
)
def test_range(value: float, expected: str) -> None:
    assert status(value, "none", target=target(min=10, max=20), margin=0.06) == expected


@pytest.mark.parametrize(
    ("value", "goal", "direction", "expected"),
    [
        (90, {"value": 100}, "up", 0.9), (312.4, {"value": 300}, "down", 300 / 312.4),
        (0, {"value": 300}, "down", None),
        (5, {"value": 0}, "up", None), (5, {"value": -3}, "up", None), (5, {"value": 3}, "none", None),
        (15, {"min": 10, "max": 20}, "none", 1), (5, {"min": 10, "max": 20}, "none", 0.5),
        (40, {"min": 10, "max": 20}, "none", 0.5), (0, {"min": -5, "max": 5}, "none", 1),
        (-9, {"min": -5, "max": 5}, "none", None),
    ],
)  # fmt: skip
def test_attainment(value: float, goal: dict[str, float], direction: Any, expected: float | None) -> None:
    found = attainment(value, target(**goal), direction)
    assert found == (None if expected is None else pytest.approx(expected))


def test_the_most_specific_target_in_force_then_the_latest() -> None:
    everyone = target(value=4)
    gold = target(value=1, where={"tier": "gold"})
    later = target(value=2, where={"tier": "gold"}, **{"from": datetime.date(2026, 3, 3)})
    monthly = target(value=9, window="month")
    stated = [later, gold, everyone, monthly]

    def value(at: str, window: str = "day", **dimensions: str) -> float | None:
        found = target_in_force(stated, dimensions, parse_time(at), window)
        return found.value if found else None

    assert value("2026-03-02T23:59:59.999Z", tier="gold") == 1
    assert value("2026-03-03T00:00:00Z", tier="gold") == 2
    assert value("2026-03-03T00:00:00Z", tier="silver") == 4
    assert value("2026-03-03T00:00:00Z", window="month") == 9
    assert value("2026-03-03T00:00:00Z", window="month", tier="gold") == 2
    assert value("2025-12-31T23:59:59Z") is None


def kpi_of(direction: str, **more: Any) -> Kpi:
    return Kpi.model_validate(
        {
            "kpi": "variance", "title": "Variance", "sentence": "Variance.", "department": "finance", "unit": "ratio",
            "direction": direction, "kind": "lagging", "owner": "nobody", "formula": "1",
            "dimensions": ("side", "team"), "windows": {"calendar": ("month",)}, **more,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ({"side": "income"}, "up"), ({"side": "cost", "team": "north"}, "down"), ({"side": "other"}, "none"),
        ({"side": None}, "none"), ({"team": "income"}, "none"), ({}, "none"),
    ],
)  # fmt: skip
def test_a_direction_may_depend_on_what_is_asked_for(dimensions: dict[str, str | None], expected: str) -> None:
    by_type = kpi_of("by type", favourable={"side": {"income": "up", "cost": "down"}})
    assert direction_of(by_type, dimensions) == expected
    assert direction_of(kpi_of("down"), dimensions) == "down"


@pytest.mark.parametrize("favourable", [{}, {"side": {"income": "up"}, "team": {"north": "up"}}])
def test_it_depends_on_one_dimension(favourable: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValidationError, match="by type goes with favourable"):
        kpi_of("by type", favourable=favourable)
    with pytest.raises(ValidationError, match="by type goes with favourable"):
        kpi_of("up", favourable={"side": {"income": "up"}})
