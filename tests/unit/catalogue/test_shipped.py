"""The shipped declarations and the pizzeria's: they load, they are whole, and a plan follows from them."""

from pathlib import Path

import pytest

from kpi.plan import Family
from kpi.planning import plan
from schemas.kpis import Catalogue
from services.runtime.catalogue import load

ROOT = Path(__file__).parents[3]
PIZZERIA = ROOT / "examples" / "pizzeria"
DEPARTMENTS = {
    "sales": {
        "average_deal_size",
        "bookings",
        "call_conversion_rate",
        "customer_lifetime_value",
        "customer_acquisition_cost",
        "paid_acquisition_cost",
        "deals_won",
        "funnel_stage_conversion",
        "lead_conversion_rate",
        "leads_generated",
        "market_penetration",
        "market_share",
        "quota_attainment",
        "new_customers",
        "observed_customer_value",
        "sales_calls_connected",
        "sales_calls_made",
        "sales_growth",
        "time_in_stage",
        "win_rate",
        "win_rate_by_value",
    },
    "marketing": {
        "brand_awareness",
        "brand_awareness_top_of_mind",
        "brand_awareness_unaided",
        "click_through_rate",
        "revenue_by_campaign",
        "conversion_rate",
        "social_engagements",
        "social_engagement_rate",
        "ad_conversion_rate",
        "website_traffic_growth",
        "cost_per_click",
        "return_on_ad_spend",
        "blended_return",
        "session_conversion_rate",
        "website_traffic",
        "website_visits",
    },
    "finance": {
        "account_retention_rate",
        "active_accounts",
        "active_customers",
        "average_order_value",
        "churn_rate",
        "order_revenue",
        "orders",
        "budget_variance",
        "budget_variance_amount",
        "cost_per_unit",
        "cost_reduction",
        "gross_margin",
        "gross_profit",
        "operating_cost",
        "profit",
        "profit_margin",
        "repeat_purchase_rate",
        "repurchase_rate",
        "revenue",
        "revenue_churn_rate",
    },
    "service": {
        "average_response_time",
        "response_within_target",
        "resolution_time",
        "average_ticket_backlog",
        "complaints",
        "csat_after_complaint",
        "first_call_resolution",
        "first_contact_resolution",
        "first_resolution_time",
        "oldest_unanswered",
        "complaints_per_thousand_customers",
        "tickets_per_agent_hour",
        "one_touch_rate",
        "ticket_backlog",
        "pending_tickets",
        "customer_contacts",
        "csat",
        "survey_response_rate",
        "nps",
        "feedback_count",
    },
    "people": {
        "training_completion_rate",
        "goal_attainment",
        "goal_progress",
        "employee_satisfaction",
        "enps",
        "milestone_completion_rate",
        "task_completion_time",
        "risk_exposure",
        "schedule_delay",
        "project_completion_time",
        "mitigation_progress",
        "data_quality",
    },
    "operations": {
        "cycle_time",
        "defect_rate",
        "first_pass_yield",
        "days_of_inventory",
        "inventory_level",
        "inventory_turnover",
        "lead_time",
        "on_time_delivery",
        "on_time_in_full",
        "order_accuracy",
        "productivity",
        "quality_of_work",
        "resource_utilization",
        "supplier_on_time",
        "throughput",
    },
}
STREAMS = {
    "sales": {
        "market.figure",
        "sales.lead",
        "sales.call",
        "sales.deal",
        "customer.order",
        "finance.entry",
        "marketing.spend",
    },
    "marketing": {
        "web.impression",
        "web.click",
        "web.visit",
        "web.conversion",
        "brand.survey",
        "marketing.spend",
        "social.engagement",
        "customer.order",
        "sales.lead",
        "sales.deal",
    },
    "people": {
        "hr.training",
        "hr.goal",
        "survey.response",
        "project.milestone",
        "project.task",
        "risk.item",
        "risk.mitigation",
    },
    "service": {"support.ticket", "support.contact", "survey.response", "customer.order", "work.hours"},
    "finance": {"customer.account", "customer.order", "finance.budget", "finance.entry", "production.unit"},
    "operations": {
        "production.unit",
        "finance.entry",
        "inventory.level",
        "resource.state",
        "supply.order",
        "work.hours",
    },
}
BROUGHT = {
    "service": {"active_customers"},
    "sales": {"active_customers", "gross_margin", "gross_profit", "order_revenue", "repurchase_rate", "revenue"},
    "marketing": {"order_revenue"},
}
"""What the KPIs of a department use of others."""

RECORDS = {"kpi.value", "kpi.target", "kpi.benchmark", "kpi.baseline", "kpi.action", "kpi.annotation"}
"""What people record is recorded of any KPI."""


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load([])


def test_all_departments_are_loaded_by_default(shipped: Catalogue) -> None:
    assert set(shipped.kpis) == set().union(*DEPARTMENTS.values())
    assert set(shipped.streams) == RECORDS.union(*STREAMS.values())
    assert set(shipped.entities) == {
        "case",
        "training",
        "goal",
        "task",
        "milestone",
        "mitigation",
        "project",
        "risk",
        "complainant",
        "complained_ticket",
        "lead",
        "lead_outcome",
        "call_outcome",
        "deal",
        "session",
        "visitor",
        "attribution",
        "running_total",
        "ticket",
        "order",
        "account",
        "customer",
        "unit",
        "resource",
        "supply",
        "stock",
    }
    assert set(shipped.targets) == {"response_target"}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_pack_brings_what_its_kpis_need_and_no_more(department: str) -> None:
    catalogue = load([], packs=[department])

    assert set(catalogue.kpis) == DEPARTMENTS[department] | BROUGHT.get(department, set())
    assert set(catalogue.streams) == STREAMS[department] | RECORDS


def test_a_department_s_kpis_stand_in_its_file() -> None:
    for department, names in DEPARTMENTS.items():
        text = (ROOT / "schemas" / "catalogue" / "kpis" / f"{department}.yaml").read_text()
        assert {line.removeprefix("kpi: ") for line in text.splitlines() if line.startswith("kpi: ")} == names


def test_shipped_targets_are_marked_as_examples(shipped: Catalogue) -> None:
    values = [value for one in shipped.kpis.values() for value in one.targets]
    values += [value for target in shipped.targets.values() for value in target.values]

    assert all(kpi.targets for kpi in shipped.kpis.values())
    assert all(value.example for value in values)


def test_only_what_may_be_reversed_stays_open(shipped: Catalogue) -> None:
    by_deals = ("bookings", "deals_won", "average_deal_size", "win_rate", "win_rate_by_value")
    open_for = dict.fromkeys((*by_deals, "leads_generated", "funnel_stage_conversion", "time_in_stage"), 90)
    open_for |= dict.fromkeys(("resolution_time", "first_resolution_time", "first_contact_resolution"), 7)
    open_for |= dict.fromkeys(("orders", "order_revenue", "average_order_value"), 90)
    open_for |= dict.fromkeys(("active_customers", "repurchase_rate", "repeat_purchase_rate", "new_customers"), 90)
    open_for |= dict.fromkeys(("one_touch_rate", "first_call_resolution", "complaints", "task_completion_time"), 7)
    open_for |= {"complaints_per_thousand_customers": 7, "tickets_per_agent_hour": 14}
    open_for |= {"session_conversion_rate": 1}
    open_for |= dict.fromkeys(("customer_lifetime_value", "observed_customer_value"), 90)
    open_for |= {"cycle_time": 90, "defect_rate": 90, "productivity": 14, "order_accuracy": 14}
    open_for |= dict.fromkeys(
        ("market_share", "market_penetration", "quota_attainment", "sales_growth", "revenue_by_campaign"), 90
    )
    open_for |= dict.fromkeys(("cost_per_click", "return_on_ad_spend", "blended_return"), 90)
    open_for |= {"conversion_rate": 1}
    open_for |= dict.fromkeys(("budget_variance", "budget_variance_amount", "paid_acquisition_cost"), 90)
    open_for |= {"lead_conversion_rate": 30, "call_conversion_rate": 30, "session_conversion_rate": 1}

    assert {name: kpi.reach for name, kpi in shipped.kpis.items()} == {
        name: open_for.get(name, 0) * 86_400_000 for name in shipped.kpis
    }


def test_a_plan_follows_from_the_shipped_catalogue(shipped: Catalogue) -> None:
    planned = plan(shipped)

    families = {name: {group.family for group in planned.groups_of(name)} for name in shipped.kpis}
    assert families["average_response_time"] == {Family.totals, Family.histogram}
    assert families["ticket_backlog"] == {Family.level}
    assert families["website_traffic"] == {Family.keys}
    assert families["average_deal_size"] == set()
    assert planned.groups_of("bookings") == planned.groups_of("deals_won")
    assert {unit: planned.units[unit].streams for unit in ("deal", "ticket", "web.click")} == {
        "deal": ("sales.deal",),
        "ticket": ("support.ticket",),
        "web.click": ("web.click",),
    }


def test_the_pizzeria_stands_alone_and_beside_the_shipped_catalogue(shipped: Catalogue) -> None:
    alone = load([PIZZERIA], default=False)
    beside = load([PIZZERIA])

    assert set(alone.streams) == {"pizzeria.sale"}
    assert set(alone.kpis) == {
        "pizzeria_revenue", "pizzeria_orders", "pizzeria_average_order_value", "pizzeria_pizzas_per_order",
        "pizzeria_products", "pizzeria_revenue_by_hour", "pizzeria_growth", "pizzeria_growth_in_a_month",
    }  # fmt: skip
    assert set(beside.kpis) == set(alone.kpis) | set(shipped.kpis)
    assert set(plan(alone).units) == {"pizzeria.sale"}


def test_the_pizzeria_s_table_needs_no_further_mapping() -> None:
    stream = load([PIZZERIA], default=False).streams["pizzeria.sale"]
    columns = {"id", "date", "time", "name", "size", "type", "price"}

    mapped = {name: stream.table.columns.get(name) for name in stream.fields}
    sources = {name: mapping.column if mapping else name for name, mapping in mapped.items()}
    assert sources.pop("currency") is None
    assert set(sources.values()) <= columns
    assert stream.table.time is not None
    assert set(stream.table.time.columns) == {"date", "time"}
    assert stream.clock == "replay"
