"""The lines of operations."""

from tests.table.lines.line import Line, clocks
from tests.table.oracle import inventory, production, resources, supply
from tests.table.oracle.facts import (
    Number,
    count,
    in_utc,
    mean,
    mean_of_members,
    of_24_hours,
    ratio,
    said_twice,
    seconds,
    share_of_order,
    total,
)

_throughput = production.an_hour(count(production.good_units))
_cycle = seconds(mean(production.cycles))
_defective = mean(production.defective)
_at_first = mean(production.passed_at_first)
_by_people = mean(production.passed_at_first_by_people)
_productivity = ratio(count(production.good_units), total(production.worked), 60)
_accurate = mean(supply.accurate)
_lead = seconds(mean(supply.leads))
_to_customers = mean(supply.of_customers)
_in_full = mean(supply.of_customers_in_full)
_by_suppliers = mean(supply.of_suppliers)
OPERATIONS = (
    Line(
        "throughput",
        ("product", "line"),
        _throughput,
        {
            **clocks(_throughput),
            "each time that it is said": production.an_hour(count(production.good_units_each_time)),
            "what failed as well": production.an_hour(count(production.all_units)),
            "by hours to come": production.an_hour_of_all(count(production.good_units)),
        },
    ),
    Line(
        "cycle_time",
        ("product", "team"),
        _cycle,
        {
            **clocks(_cycle),
            "pauses as well": seconds(mean(production.cycles_with_pauses)),
            "what was scrapped as well": seconds(mean(production.cycles_with_scrap)),
            "an exclusive horizon": seconds(mean(production.cycles_short_of_the_horizon)),
            "a mean of members": mean_of_members(_cycle, "product", production.cycles),
        },
        also={
            "median": seconds(share_of_order(production.cycles, 0.5)),
            "p95": seconds(share_of_order(production.cycles, 0.95)),
        },
    ),
    Line(
        "defect_rate",
        ("product", "line"),
        _defective,
        {
            **clocks(_defective),
            "of the first inspection": mean(production.defective_at_first),
            "of all inspections": mean(production.defective_at_any),
            "an exclusive horizon": mean(production.defective_short_of_the_horizon),
        },
    ),
    Line(
        "first_pass_yield",
        ("product", "line"),
        _at_first,
        {
            **clocks(_at_first),
            "of all inspections": mean(production.passed_at_any),
            "what is not defective in the end": lambda books, asked: _rest(_defective(books, asked)),
        },
    ),
    Line(
        "quality_of_work",
        ("person_id", "team"),
        _by_people,
        {
            **clocks(_by_people),
            "nobody's as well": _at_first,
            "of all inspections": mean(production.passed_at_any_by_people),
            "a mean of members": mean_of_members(_by_people, "person_id", production.passed_at_first_by_people),
        },
    ),
    Line(
        "productivity",
        ("person_id", "team"),
        _productivity,
        {
            **clocks(_productivity),
            "hours when they are said": ratio(count(production.good_units), total(production.worked_when_said), 60),
            "hours that were planned": ratio(count(production.good_units), total(production.planned), 60),
            "what failed as well": ratio(count(production.all_units), total(production.worked), 60),
            "a mean of members": mean_of_members(_productivity, "person_id", production.worked),
        },
        (),
        # Hours are dated by a day in Greenwich, of which a day elsewhere has nothing to tell while it runs.
        periods=("week", "month", "quarter", "year"),
    ),
    Line(
        "resource_utilization",
        ("project_id", "team"),
        resources.utilization,
        {
            # What is said again of a state changes nothing, however late it comes.
            "days of Greenwich": in_utc(resources.utilization),
            "days of 24 hours": of_24_hours(resources.utilization),
            "each project for itself": resources.utilization_of_each_project,
            "planned downtime as well": resources.utilization_with_planned_downtime,
            "what has ended only": resources.utilization_of_what_has_ended,
            "as if nothing was before": resources.utilization_since_the_window_began,
            "a mean of members": resources.mean_utilization,
        },
    ),
    Line(
        "order_accuracy",
        ("party_id",),
        _accurate,
        {
            **clocks(_accurate),
            "an exclusive horizon": mean(supply.accurate_short_of_14_days),
            "errors at any time": mean(supply.accurate_for_ever),
            "as inspected": mean(supply.accurate_as_inspected),
            "any return": mean(supply.accurate_unless_returned),
        },
        (),
    ),
    Line(
        "lead_time",
        ("direction", "party_id"),
        _lead,
        {
            **clocks(_lead),
            "to the first line": seconds(mean(supply.leads_to_the_first_line)),
            "to the last line so far": seconds(mean(supply.leads_to_the_last_line_so_far)),
            "until it was given up": seconds(mean(supply.leads_until_given_up)),
            "a mean of members": mean_of_members(_lead, "direction", supply.leads),
        },
        also={
            "median": seconds(share_of_order(supply.leads, 0.5)),
            "p95": seconds(share_of_order(supply.leads, 0.95)),
        },
    ),
    Line(
        "on_time_delivery",
        ("party_id",),
        _to_customers,
        {
            **clocks(_to_customers),
            "as it was promised last": mean(supply.of_customers_as_moved),
            "misses when they come": mean(supply.of_customers_if_delivered),
            "a promise that ends as its day begins": mean(supply.of_customers_as_the_day_begins),
            "what was cancelled as well": mean(supply.of_customers_with_cancelled),
            "in full": _in_full,
            "lines": mean(supply.of_customers_by_line),
        },
    ),
    Line(
        "on_time_in_full",
        ("party_id",),
        _in_full,
        {
            **clocks(_in_full),
            "not in full as well": _to_customers,
            "what was cancelled as well": mean(supply.of_customers_in_full_with_cancelled),
        },
    ),
    Line(
        "supplier_on_time",
        ("party_id",),
        _by_suppliers,
        {
            **clocks(_by_suppliers),
            "as it was promised last": mean(supply.of_suppliers_as_moved),
            "misses when they come": mean(supply.of_suppliers_if_delivered),
            "of customers": _to_customers,
            "a mean of members": mean_of_members(_by_suppliers, "party_id", supply.of_suppliers),
        },
    ),
    Line(
        "inventory_level",
        ("sku", "site"),
        inventory.inventory_level,
        {
            # What is read again changes nothing, however late it comes.
            "days of Greenwich": in_utc(inventory.inventory_level),
            "days of 24 hours": of_24_hours(inventory.inventory_level),
            "as it began": inventory.inventory_level_as_it_began,
            "readings added up": inventory.readings_added_up,
        },
    ),
    Line(
        "days_of_inventory",
        ("sku",),
        inventory.days_of_inventory,
        {
            **clocks(inventory.days_of_inventory),
            "said twice": said_twice(inventory.days_of_inventory),
            "as it began": inventory.days_of_inventory_as_it_began,
            "in units": inventory.days_of_units,
        },
        ("24h",),
        periods=("week", "month", "quarter", "year"),
    ),
    Line(
        "inventory_turnover",
        ("sku",),
        inventory.inventory_turnover,
        {
            **clocks(inventory.inventory_turnover),
            "said twice": said_twice(inventory.inventory_turnover),
            "a mean of readings": inventory.turnover_of_readings,
            "a mean of both ends": inventory.turnover_of_ends,
            "nothing before the first reading": inventory.turnover_of_all_the_time,
        },
        ("24h",),
        {"annualised": inventory.annualised},
        periods=("week", "month", "quarter", "year"),
    ),
)


def _rest(share: Number | None) -> Number | None:
    return None if share is None else 1 - share
