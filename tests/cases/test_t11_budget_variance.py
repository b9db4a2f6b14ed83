"""T11: what was booked against what was planned, on the shipped catalogue."""

import pytest

from schemas.answers import Value
from tests.cases.declared import Made, quiet
from tests.integration.aggregator.declarations import redeclared
from tests.pipeline import Pipeline

MARCH = "2026-03-15T00:00:00Z"


@pytest.fixture
def made(pipeline: Made) -> Pipeline:
    return pipeline(redeclared("finance", partitions=1))


def plan(centre: str, amount: int, month: str = "2026-03-01", **more: object) -> dict[str, object]:
    said = {"time": "2026-01-02T09:00:00Z", "account_type": "operating", "version": 1, **more}
    return {**said, "cost_centre": centre, "month": month, "amount_minor": amount * 100, "currency": "EUR"}


def entry(centre: str, amount: int, effective: str = "2026-03-12", **more: object) -> dict[str, object]:
    said = {
        "time": f"{effective}T09:00:00Z",
        "account_type": "operating",
        "action": "posted",
        "account": "6000",
        **more,
    }
    return {**said, "cost_centre": centre, "effective": effective, "amount_minor": amount * 100, "currency": "EUR"}


def of(made: Pipeline, kpi: str = "budget_variance", **where: str) -> Value:
    return made.value(kpi, "month", MARCH, **({"account_type": "operating"} | where))


def booked(made: Pipeline) -> None:
    made.send("finance.budget", plan("CC1", 10_000), plan("CC2", -5_000), plan("CC3", 0))
    made.send("finance.budget", plan("CC1", 20_000, account_type="income"))
    made.send("finance.entry", entry("CC1", 12_000), entry("CC2", -4_000), entry("CC3", 300))
    made.send("finance.entry", entry("CC1", 18_000, account_type="income"))
    for centre in ("CC1", "CC2", "CC3"):
        closing = entry(centre, 0, "2026-03-31", action="period_closed", time="2026-04-08T09:00:00Z")
        made.send("finance.entry", closing)
    for stream in ("finance.entry", "finance.budget"):
        quiet(made, f"{stream}/0", "2026-06-30T00:00:00Z")


def test_each_cost_centre_and_all_of_them(made: Pipeline) -> None:
    booked(made)
    assert of(made, cost_centre="CC1").value == 0.2
    assert of(made, cost_centre="CC2").value == 0.2, "less credit than planned; without abs() it is -0.2"
    third = of(made, cost_centre="CC3")
    assert (third.value, third.reason) == (None, "division_by_zero")
    assert of(made, "budget_variance_amount", cost_centre="CC3").value == 300
    assert of(made).value == 0.66
    assert of(made, "budget_variance_amount").value == 3_300


def test_it_is_final_when_all_have_closed_and_no_plan_can_change(made: Pipeline) -> None:
    booked(made)
    assert of(made).state == "provisional"
    # 90 days after the end of March, and the lateness of a day.
    quiet(made, "finance.entry/0", "2026-06-30T00:01:00Z")
    quiet(made, "finance.budget/0", "2026-06-30T00:01:00Z")
    assert of(made).state == "provisional"
    for stream in ("finance.entry", "finance.budget"):
        quiet(made, f"{stream}/0", "2026-07-01T00:01:00Z")
    assert of(made).state == "final"


def test_more_income_is_good_and_more_cost_is_not(made: Pipeline) -> None:
    booked(made)
    cost, income = of(made, cost_centre="CC1"), of(made, account_type="income")
    assert (cost.direction, cost.target, cost.status) == ("down", 0.05, "off_track")
    assert (income.value, income.direction, income.target, income.status) == (-0.1, "up", -0.05, "off_track")
    found = made.values("budget_variance", "month", MARCH, by=("account_type",))
    assert {one.dimensions["account_type"]: one.direction for one in found} == {"income": "up", "operating": "down"}
    whole = made.value("budget_variance", "month", MARCH)
    assert (whole.direction, whole.target, whole.status) == ("none", None, None)


def test_a_year_is_planned_month_by_month(made: Pipeline) -> None:
    made.send("finance.budget", *(plan("CC1", 1_000, f"2026-{month:02}-01") for month in range(1, 13)))
    made.send("finance.entry", *(entry("CC1", 1_100, f"2026-{month:02}-20") for month in (1, 2, 3)))
    for stream in ("finance.entry", "finance.budget"):
        quiet(made, f"{stream}/0", "2026-04-01T00:00:00Z")
    found = made.value("budget_variance", "year", "2026-04-01T00:00:00Z", account_type="operating")
    assert found.value == 0.1, "not -0.725 of the whole year, nor 0.025"
    assert of(made, "budget_variance_amount").value == 100


def test_a_month_that_is_not_over_has_its_days_of_the_plan(made: Pipeline) -> None:
    made.send("finance.budget", plan("CC1", 3_100))
    made.send("finance.entry", entry("CC1", 1_500, "2026-03-09"))
    for stream in ("finance.entry", "finance.budget"):
        quiet(made, f"{stream}/0", "2026-03-10T12:00:00Z")
    assert of(made).value == 0.5, "ten days of 100 each have begun"
    assert of(made).state == "provisional"


def test_a_later_version_comes_in_the_place_of_an_earlier_one(made: Pipeline) -> None:
    made.send("finance.entry", entry("CC1", 6_200))
    second = plan("CC1", 3_100, "2026-03-31", version=2, time="2026-02-02T09:00:00Z", currency="EUR")
    made.send("finance.budget", plan("CC1", 6_200), plan("CC1", 900, account_type="cogs"), second)
    for stream in ("finance.entry", "finance.budget"):
        quiet(made, f"{stream}/0", "2026-05-10T00:00:00Z")
    assert of(made, "budget_variance_amount").value == 3_100, "any day of the month names it"
    made.send("finance.budget", plan("CC1", 9_300, time="2026-05-11T09:00:00Z"))
    assert of(made, "budget_variance_amount").value == 3_100, "the first version, said again, is no later one"
    made.send("finance.budget", plan("CC1", 6_200, version=2, time="2026-05-11T10:00:00Z"))
    assert of(made, "budget_variance_amount").value == 0, "of one version what was said last"
    made.send("finance.budget", plan("CC1", 100, version=3, time="2026-06-03T10:00:00Z"))
    assert of(made, "budget_variance_amount").value == 0
    assert [late.stream for late in made.late] == ["finance.budget"], "more than 90 days after the month began"
