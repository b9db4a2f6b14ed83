"""T6: ratios of nothing.

> Campaign X: 0 impressions, 3 clicks; Y: 100, 5. win_rate with 0 decided; spend 500 and 0 new customers; income 0,
> cost 10. Expect: click_through_rate X null (division_by_zero), Y 0.05, total 8/100 = 0.08; win_rate null;
> customer_acquisition_cost null; profit -10, profit_margin null. None of these nulls appears as inf, NaN or 0 in JSON,
> SSE or /metrics (the label le="+Inf" is no value); 0 of 4 decided won is 0.0, not null.
"""

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from services.api.application import create_app
from services.api.broadcast import Broadcast
from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

DAYS = "{calendar: [day]}"
CAMPAIGNS = "dimensions: [campaign_id]"
DECLARED = (
    """
stream: web.impression
partitions: 1
clock: replay
fields: {campaign_id: string, count: int32}
---
stream: web.click
partitions: 1
clock: replay
fields: {campaign_id: string}
---
stream: sales.deal
partitions: 1
clock: replay
fields: {action: {enum: [staged, won, lost]}, team: string}
---
stream: customer.order
partitions: 1
clock: replay
fields: {customer_id: string, first: boolean}
---
stream: finance.entry
partitions: 1
clock: replay
fields: {account_type: {enum: [income, operating, sales_marketing]}, amount_minor: int64, currency: string}
---
reporting: default
currency: EUR
"""
    + kpi(
        "click_through_rate",
        "{shown: {from: web.impression, aggregate: sum, value: count}, clicks: {from: web.click, aggregate: count}}",
        "clicks / nullif(shown, 0)",
        windows=DAYS,
        more=CAMPAIGNS,
        unit="ratio",
    )
    + kpi(
        "win_rate",
        "{won: {from: sales.deal, aggregate: count, where: action = 'won'},"
        " lost: {from: sales.deal, aggregate: count, where: action = 'lost'}}",
        "won / nullif(won + lost, 0)",
        more="dimensions: [team]",
        unit="ratio",
    )
    + kpi("new_customers", "{them: {from: customer.order, aggregate: count, where: first}}", "them")
    + "".join(
        kpi(
            name,
            "{it: {from: finance.entry, aggregate: sum, value: amount_minor, currency: currency,"
            f" where: account_type = '{account}'}}}}",
            "it",
            unit="money",
        )
        for name, account in (("revenue", "income"), ("cost", "operating"), ("spend", "sales_marketing"))
    )
    + kpi("profit", "{}", "revenue - cost", more="uses: [revenue, cost]", unit="money")
    + kpi("profit_margin", "{}", "profit / nullif(revenue, 0)", more="uses: [profit, revenue]", unit="ratio")
    + kpi(
        "customer_acquisition_cost",
        "{}",
        "spend / nullif(new_customers, 0)",
        more="uses: [spend, new_customers]",
        unit="money",
    )
)
NULLS = ("win_rate", "customer_acquisition_cost", "profit_margin")
NOW = "2026-03-02T20:00:00Z"


def told(made: Pipeline) -> None:
    made.now = 1_772_481_600_000
    time = {"time": "2026-03-02T12:00:00Z"}
    made.send("web.impression", {**time, "campaign_id": "Y", "count": 100}, {**time, "campaign_id": "X", "count": 0})
    made.send("web.click", *({**time, "campaign_id": name} for name in "XXXYYYYY"))
    made.send("sales.deal", {**time, "action": "staged", "team": "north"})
    made.send("customer.order", {**time, "customer_id": "K1", "first": False})
    for account, amount in (("income", 500), ("income", -500), ("operating", 1000), ("sales_marketing", 50_000)):
        made.send("finance.entry", {**time, "account_type": account, "amount_minor": amount, "currency": "EUR"})


@pytest.fixture
def made(pipeline: Made) -> Pipeline:
    found = pipeline(DECLARED)
    told(found)
    return found


def test_t6_division_by_zero(made: Pipeline) -> None:
    rates = {value.dimensions["campaign_id"]: value for value in made.values("click_through_rate", by=("campaign_id",))}
    assert (rates["X"].value, rates["X"].reason) == (None, "division_by_zero")
    assert (rates["Y"].value, made.value("click_through_rate").value) == (0.05, 0.08)
    for name in ("customer_acquisition_cost", "profit_margin"):
        value = made.value(name)
        assert (value.value, value.value_minor, value.reason) == (None, None, "division_by_zero")
    decided = made.value("win_rate")
    assert decided.value is None
    assert decided.reason is not None
    profit = made.value("profit")
    assert (profit.value, profit.value_minor, profit.reason) == (-10, -1000, None)
    assert (made.value("new_customers").value, made.value("revenue").value) == (0, 0), "zero is a value of these"


def test_t6_none_of_four(made: Pipeline) -> None:
    made.send("sales.deal", *[{"time": "2026-03-02T13:00:00Z", "action": "lost", "team": "south"}] * 4)
    assert [made.value("win_rate").value, made.value("win_rate").reason] == [0.0, None]


async def test_t6_what_goes_out_has_no_number_in_place_of_a_null(made: Pipeline) -> None:
    broadcast = Broadcast(made.answers, asyncio.Event())
    app = create_app(made.answers, broadcast)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as client:
        answer = await client.get("/v1/kpis/click_through_rate/values", params={"by": "campaign_id"})
        by_campaign = {value["dimensions"]["campaign_id"]: value["value"] for value in _strict(answer.text)["values"]}
        assert by_campaign == {"X": None, "Y": 0.05}
        for name in NULLS:
            text = (await client.get(f"/v1/kpis/{name}/value")).text
            value = _strict(text)
            assert [value["value"], value["value_minor"], value["attainment"], value["change"]] == [None] * 4
            (point, *_) = reversed(_strict((await client.get(f"/v1/kpis/{name}/series")).text)["points"])
            assert point["value"] is None

        metrics = (await client.get("/metrics")).text
        samples = list(_samples(metrics))
        named = {labels for name, labels, _ in samples if name == "kpi_value"}
        assert all(math.isfinite(number) for _, _, number in samples)
        assert any('kpi="profit"' in labels for labels in named)
        for name in NULLS:
            assert not any(f'kpi="{name}"' in labels for labels in named), "no sample, rather than NaN or 0"

        working = asyncio.create_task(broadcast.run())
        streaming = asyncio.create_task(client.get("/v1/stream"))
        try:
            # Who listens beside hears the same at the same time.
            async for _ in broadcast.listen([("profit", "day")], 20):
                break
            await asyncio.sleep(0.1)
        finally:
            broadcast.stop()
            sent = (await streaming).text
            working.cancel()
    values = [_strict(line.removeprefix("data: ")) for line in sent.splitlines() if line.startswith("data: ")]
    nulls = {value["kpi"]: value["value"] for value in values if value["kpi"] in NULLS}
    assert nulls == dict.fromkeys(NULLS)


def _strict(text: str) -> Any:
    """JSON without the names of numbers that are none, which Python would read."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in {text}")

    return json.loads(text, parse_constant=refuse)


def _samples(text: str) -> Iterator[tuple[str, str, float]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, number = line.rpartition(" ")
            yield name.partition("{")[0], name.partition("{")[2], float(number)
