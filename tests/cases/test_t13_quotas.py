"""T13, its first part, and T19, its second: quotas of sales people, on what is shipped."""

import pytest

from tests.cases.declared import Made
from tests.integration.aggregator.declarations import redeclared
from tests.pipeline import Pipeline

DAY = "2026-04-01"
PEOPLE = ("rep_id",)


@pytest.fixture
def made(pipeline: Made) -> Pipeline:
    return pipeline(redeclared("sales", clock="replay", partitions=1, idle_timeout=1000))


def won(made: Pipeline, rep: str, amount: int, time: str) -> None:
    made.send(
        "sales.deal",
        {
            "deal_id": f"{rep}-{time}", "customer_id": "C", "rep_id": rep, "team": "north", "action": "won",
            "time": time, "stage": "offer", "amount_minor": amount * 100, "currency": "EUR",
            "segment": "small", "region": "emea",
        },
    )  # fmt: skip


def target(made: Pipeline, rep: str, amount: int, **more: object) -> None:
    made.send(
        "kpi.target",
        {
            "kpi": "bookings", "scope": {"rep_id": rep, "team": "north"}, "start": DAY, "review": "2026-04-30",
            "value": amount * 100, "currency": "EUR", "author": "boss", "reason": "a plan", "id": f"of {rep}",
            "time": "2026-03-20T09:00:00Z", **more,
        },
    )  # fmt: skip


def pass_until(made: Pipeline, time: str) -> None:
    """Something that counts nowhere moves both clocks."""
    won(made, "nobody", 0, time)
    target(made, "nobody", 0, time=time, id=f"at {time}", kpi="nothing")


def by_rep(made: Pipeline, at: str, **asked: object) -> dict[str | None, tuple[float | int | None, str | None]]:
    values = made.values("quota_attainment", "month", at, by=PEOPLE, **asked)
    return {value.dimensions["rep_id"]: (value.value, value.reason) for value in values}


def test_who_has_no_target_is_left_out_of_both_sums(made: Pipeline) -> None:
    target(made, "Ann", 100)
    target(made, "Bob", 40)
    for rep, amount in (("Ann", 90), ("Bob", 60), ("Cy", 10)):
        won(made, rep, amount, "2026-04-07T10:00:00Z")
    pass_until(made, "2026-05-02T00:00:00Z")
    found = by_rep(made, "2026-04-15T00:00:00Z")
    assert found["Ann"] == (0.9, None)
    assert found["Bob"] == (1.5, None)
    assert found["Cy"] == (None, "no_target")
    team = made.value("quota_attainment", "month", "2026-04-15T00:00:00Z", team="north")
    # Not 1.2, the mean of the reps, nor 160/140.
    assert team.value == pytest.approx(150 / 140, abs=1e-12)
    assert team.also["reps_without_target"] == 1


def test_a_target_is_prorated_by_the_time_that_has_passed(made: Pipeline) -> None:
    target(made, "Ann", 300)
    target(made, "Bob", 150)
    won(made, "Ann", 90, "2026-04-03T10:00:00Z")
    won(made, "Bob", 60, "2026-04-04T10:00:00Z")
    pass_until(made, "2026-04-11T00:00:30Z")
    at = "2026-04-11T00:00:00Z"
    assert by_rep(made, at)["Ann"] == (0.9, None)
    assert by_rep(made, at)["Bob"] == (1.2, None)
    # Not 0.333, of the whole month's target, nor 1.05, the mean of the reps.
    assert made.value("quota_attainment", "month", at).value == 1.0
    pass_until(made, "2026-04-11T12:00:30Z")
    assert by_rep(made, "2026-04-11T12:00:00Z")["Ann"][0] == 90 / 105


def test_a_target_that_is_replaced_restates_nothing_of_others(made: Pipeline) -> None:
    target(made, "Ann", 100)
    target(made, "Bob", 40)
    won(made, "Ann", 90, "2026-04-07T10:00:00Z")
    target(made, "Ann", 90, id="again", supersedes="of Ann", time="2026-04-09T09:00:00Z")
    pass_until(made, "2026-05-02T00:00:00Z")
    assert by_rep(made, "2026-04-15T00:00:00Z")["Ann"] == (1.0, None)
    assert by_rep(made, "2026-04-15T00:00:00Z")["Bob"] == (0.0, None)
