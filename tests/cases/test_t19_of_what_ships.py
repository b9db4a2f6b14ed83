"""T19 on what is shipped: what a unit and a customer cost, while one of their parts is still open.

A unit counts when it is finished, whatever becomes of it, so that the units of March are final a day after it.
"""

from typing import Any

from schemas.answers import Value
from tests.cases.declared import Made, quiet
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

LIVE: dict[str, Any] = {"clock": "live", "lateness": "1d"}
UNIT = {"product": "p", "line": "l", "team": "t", "shift": "s", "action": "finished"}
ORDER = {"action": "placed", "net_minor": 100, "currency": "EUR", "segment": "small", "region": "emea"}


def entry(centre: str, day: str, effective: str, amount: int, **more: str) -> dict[str, object]:
    said = {"account": "6000", "account_type": "operating", "action": "posted", "currency": "EUR", **more}
    days = {"time": f"2026-{day}T09:00:00Z", "effective": f"2026-{effective}"}
    return {**said, **days, "cost_centre": centre, "amount_minor": amount * 100}


def closed(centre: str, day: str) -> dict[str, object]:
    return entry(centre, day, "03-31", 0, action="period_closed")


def silent(made: Pipeline, until: str, *streams: str) -> None:
    for stream in streams:
        quiet(made, f"{made.plan.owner(stream).name}/0", until)


def march(made: Pipeline, kpi: str, **where: str) -> Value:
    # What is served for complete months alone answers with the last one that is over.
    return made.value(
        kpi, "month", "2026-04-01T00:00:00Z" if kpi == "cost_per_unit" else "2026-03-15T00:00:00Z", **where
    )


def test_a_unit_s_cost_is_final_when_the_last_cost_centre_has_closed_the_month(pipeline: Made) -> None:
    made = pipeline(shipped("cost_per_unit", "operating_cost", **LIVE))
    units = [{**UNIT, "unit_id": f"U{day}", "time": f"2026-03-{day}T10:00:00Z"} for day in range(10, 20)]
    made.send("production.unit", *units, {**units[0], "time": "2026-03-21T10:00:00Z", "action": "scrapped"})
    made.send("finance.entry", entry("CC1", "03-10", "03-10", 4000), entry("CC2", "03-20", "03-20", 1000))
    silent(made, "2026-04-03T00:00:00Z", "production.unit", "finance.entry")
    third = march(made, "cost_per_unit")
    assert (third.value, third.state, third.revision) == (500, "provisional", 1)

    made.send("finance.entry", entry("CC1", "04-08", "03-28", 1000))
    eighth = march(made, "cost_per_unit")
    assert (eighth.value, eighth.state, eighth.revision) == (600, "provisional", 2)
    assert made.late == []

    made.send("finance.entry", closed("CC1", "04-10"))
    first = march(made, "operating_cost", cost_centre="CC1")
    assert (first.value, first.state) == (5000, "final")
    assert march(made, "cost_per_unit").state == march(made, "operating_cost").state == "provisional"

    made.send("finance.entry", closed("CC2", "04-12"))
    twelfth = march(made, "cost_per_unit")
    assert (twelfth.value, twelfth.state, twelfth.revision) == (600, "final", 2)

    made.send("finance.entry", entry("CC2", "04-14", "03-30", 50))
    assert (march(made, "cost_per_unit").value, march(made, "cost_per_unit").revision) == (600, 2)
    assert [late.lateness for late in made.late] == [2 * 86_400_000]


def test_units_that_may_still_come_keep_it_open_though_the_books_are_closed(pipeline: Made) -> None:
    made = pipeline(shipped("cost_per_unit", **LIVE))
    made.send("production.unit", {**UNIT, "unit_id": "U", "time": "2026-03-10T10:00:00Z"})
    made.send("finance.entry", entry("CC1", "03-10", "03-10", 4000), closed("CC1", "04-10"))
    silent(made, "2026-04-01T23:59:00Z", "production.unit")
    assert (march(made, "cost_per_unit").value, march(made, "cost_per_unit").state) == (4000, "provisional")
    silent(made, "2026-04-02T00:00:00Z", "production.unit")
    assert march(made, "cost_per_unit").state == "final"


def test_a_customer_s_cost_is_final_when_no_first_order_can_be_taken_back(pipeline: Made) -> None:
    made = pipeline(shipped("customer_acquisition_cost", **LIVE))
    cost = {"account_type": "sales_marketing"}
    made.send(
        "finance.entry", entry("CC1", "03-10", "03-10", 4000, **cost), entry("CC2", "03-20", "03-20", 1000, **cost)
    )
    orders = [
        {**ORDER, "order_id": f"O{day}", "customer_id": f"C{day}", "time": f"2026-03-{day}T10:00:00Z"}
        for day in range(10, 20)
    ]
    made.send("customer.order", *orders)
    streams = ("finance.entry", "customer.order", "sales.deal")
    silent(made, "2026-04-03T00:00:00Z", *streams)
    third = march(made, "customer_acquisition_cost")
    assert (third.value, third.state) == (500, "provisional")
    made.send(
        "finance.entry", entry("CC1", "04-08", "03-28", 1000, **cost), closed("CC1", "04-10"), closed("CC2", "04-12")
    )
    twelfth = march(made, "customer_acquisition_cost")
    assert (twelfth.value, twelfth.state) == (600, "provisional")
    silent(made, "2026-06-30T23:59:00Z", *streams)
    assert march(made, "customer_acquisition_cost").state == "provisional"
    silent(made, "2026-07-01T00:00:00Z", *streams)
    assert march(made, "customer_acquisition_cost").state == "final"
