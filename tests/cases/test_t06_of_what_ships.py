"""T6 of what ships: nothing to divide by is no value, and 0 of something is one."""

import math

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from schemas.times import parse_time
from services.api.metrics import Metrics
from tests.cases.declared import Made, quiet
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

AN_AD = {"ad_id": "A", "placement": "feed", "audience": "all", "is_bot": False}
A_DEAL = {
    "customer_id": "C1",
    "rep_id": "R1",
    "team": "north",
    "stage": "offer",
    "amount_minor": 100_00,
    "currency": "EUR",
    "segment": "small",
    "region": "emea",
}


def shown_and_clicked(made: Pipeline) -> None:
    shown = {**AN_AD, "time": "2026-03-02T09:00:00Z", "campaign_id": "Y", "count": 100}
    clicked = [
        {**AN_AD, "time": f"2026-03-02T09:{10 + place}:00Z", "click_id": f"C{place}", "campaign_id": campaign}
        for place, campaign in enumerate("XXXYYYYY")
    ]
    made.send("web.impression", shown)
    made.send("web.click", *({**each, "billable": True} for each in clicked))
    for stream in ("web.impression", "web.click"):
        quiet(made, f"{stream}/0", "2026-03-03T00:00:00Z")


def decided(made: Pipeline, *deals: tuple[str, str]) -> None:
    bodies = [{**A_DEAL, "deal_id": f"D{place}", "action": action} for place, (action, _) in enumerate(deals)]
    times = [f"2026-{day}T09:00:00Z" for _, day in deals]
    made.send("sales.deal", *({**body, "time": time} for body, time in zip(bodies, times, strict=True)))
    quiet(made, "deal/0", "2026-04-01T00:00:00Z")


def test_t6_clicks_on_what_was_never_shown(pipeline: Made) -> None:
    made = pipeline(shipped("click_through_rate", clock="live"))
    shown_and_clicked(made)

    asked = made.values("click_through_rate", "day", "2026-03-02T12:00:00Z", by=("campaign_id",))
    rates = {value.dimensions["campaign_id"]: (value.value, value.reason, value.status) for value in asked}
    assert rates["X"] == (None, "division_by_zero", "no_data")
    assert rates["Y"][:2] == (0.05, None)
    assert made.value("click_through_rate", "day", "2026-03-02T12:00:00Z").value == 0.08, "8 of 100, not of Y alone"


@pytest.mark.parametrize("name", ["win_rate", "win_rate_by_value"])
def test_t6_nothing_was_decided(pipeline: Made, name: str) -> None:
    made = pipeline(shipped(name, clock="live"))
    decided(made, ("won", "01-10"), ("opened", "03-05"))

    nothing = made.value(name, "month", "2026-03-15T00:00:00Z")
    assert (nothing.value, nothing.reason, nothing.status) == (None, "no_data", "no_data")
    assert made.value(name, "month", "2026-01-15T00:00:00Z").value == 1


@pytest.mark.parametrize("name", ["win_rate", "win_rate_by_value"])
def test_t6_none_of_four_is_a_value(pipeline: Made, name: str) -> None:
    made = pipeline(shipped(name, clock="live"))
    decided(made, *(("lost", f"03-0{day}") for day in range(1, 5)))

    none = made.value(name, "month", "2026-03-15T00:00:00Z")
    assert (none.value, none.reason) == (0.0, None)


def test_t6_nothing_of_it_is_a_sample(pipeline: Made) -> None:
    made = pipeline(shipped("click_through_rate", "win_rate", clock="live"))
    shown_and_clicked(made)
    decided(made, ("opened", "03-05"))
    registry = CollectorRegistry()
    registry.register(Metrics(made.answers))

    def samples(at: str) -> dict[str, float]:
        made.now = parse_time(at)
        lines = generate_latest(registry).decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if line.startswith("kpi_"))
        return {name: float(number) for name, _, number in pairs}

    there = samples("2026-03-02T12:00:00Z")
    assert there['kpi_value{kpi="click_through_rate",window="day"}'] == 0.08
    assert all(math.isfinite(number) for number in there.values())
    assert not [name for name in there if name.startswith("kpi_value{") and 'kpi="win_rate"' in name]


def test_t6_nothing_of_it_is_written_as_a_number(pipeline: Made) -> None:
    made = pipeline(shipped("click_through_rate", clock="live"))
    shown_and_clicked(made)

    for value in made.values("click_through_rate", "day", "2026-03-02T12:00:00Z", by=("campaign_id",)):
        text = value.model_dump_json()
        assert ('"value":null' in text) == (value.dimensions["campaign_id"] == "X")
        assert not any(word in text for word in ("inf", "Inf", "nan", "NaN"))


def entry(account_type: str, amount: int) -> dict[str, object]:
    said = {"account": "1", "cost_centre": "CC1", "action": "posted", "currency": "EUR", "effective": "2026-03-10"}
    return {**said, "time": "2026-03-10T09:00:00Z", "account_type": account_type, "amount_minor": amount * 100}


def test_t6_a_loss_without_income_is_no_share_of_it(pipeline: Made) -> None:
    made = pipeline(shipped("profit", "profit_margin", "gross_margin", clock="live"))
    made.send("finance.entry", entry("operating", 10))
    quiet(made, "finance.entry/0", "2026-04-03T00:00:00Z")

    march = "2026-03-15T00:00:00Z"
    assert made.value("profit", "month", march).value == -10
    assert made.value("revenue", "month", march).value == 0
    nothing = made.value("profit_margin", "month", march)
    assert (nothing.value, nothing.reason, nothing.status) == (None, "division_by_zero", "no_data")
    neither = made.value("gross_margin", "month", march)
    assert (neither.value, neither.reason) == (None, "no_data"), "there is neither income nor anything that was sold"

    made.send("finance.entry", {**entry("income", -20), "time": "2026-04-04T09:00:00Z"})
    assert made.value("profit", "month", march).value == -30
    assert made.value("profit_margin", "month", march).value is None, "of an income below zero there is no share"


def test_t6_what_nobody_was_won_for_has_no_cost_each(pipeline: Made) -> None:
    made = pipeline(shipped("customer_acquisition_cost", clock="live"))
    order = {"order_id": "O1", "customer_id": "C1", "action": "placed", "net_minor": 100, "currency": "EUR"}
    made.send("customer.order", {**order, "segment": "small", "region": "emea", "time": "2026-02-03T09:00:00Z"})
    made.send("finance.entry", entry("sales_marketing", 500))
    for stream in ("customer.order", "sales.deal", "finance.entry"):
        quiet(made, f"{made.plan.owner(stream).name}/0", "2026-04-03T00:00:00Z")

    nothing = made.value("customer_acquisition_cost", "month", "2026-03-15T00:00:00Z")
    assert (nothing.value, nothing.reason) == (None, "division_by_zero")
