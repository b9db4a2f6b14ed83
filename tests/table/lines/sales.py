"""The lines of sales."""

from tests.table.lines.line import FAST, Line, clocks, everything
from tests.table.oracle import finance, markets, plans, sales
from tests.table.oracle.conversions import (
    as_if_all_were_euros,
    by_the_day_before,
    by_the_first_that_was_said,
    rounded_one_by_one,
)
from tests.table.oracle.customers import first_deal, first_ever, first_ever_for_ever
from tests.table.oracle.facts import (
    count,
    in_utc,
    mean,
    mean_of_members,
    never_too_late,
    plus,
    ratio,
    said_twice,
    seconds,
    total,
)
from tests.table.oracle.growth import a_week_ago, growth
from tests.table.oracle.spending import spent_on_media

_calls_made, _calls_connected = count(sales.calls_made), count(sales.calls_connected)
_won, _leads = count(sales.won), count(sales.leads)
_bookings = total(sales.won)
_converted, _called = mean(sales.lead_conversions), mean(sales.call_conversions)
SALES = (
    Line(
        "sales_calls_made",
        ("team", "rep_id"),
        _calls_made,
        {**everything(_calls_made), "calls taken": count(sales.all_calls)},
        FAST,
    ),
    Line(
        "sales_calls_connected",
        ("team", "rep_id"),
        _calls_connected,
        {**everything(_calls_connected), "without meetings": count(sales.connected_without_meetings)},
        FAST,
    ),
    Line(
        "deals_won",
        ("region", "team"),
        _won,
        {
            **clocks(_won),
            "each time it is said": count(sales.won_as_said),
            "whatever was reverted": count(sales.won_for_ever),
            "reverted at any time": count(sales.won_unless_reverted),
            "an exclusive horizon": count(sales.won_to_the_day),
        },
    ),
    Line(
        "bookings",
        ("segment", "region"),
        _bookings,
        {
            **clocks(_bookings),
            "each time it is said": total(sales.won_as_said),
            "whatever was reverted": total(sales.won_for_ever),
            "reverted at any time": total(sales.won_unless_reverted),
            "as if all were euros": total(as_if_all_were_euros(sales.won)),
            "rounded one by one": total(rounded_one_by_one(sales.won)),
            "by the rate of the day before": total(by_the_day_before(sales.won)),
            "by rates before they were corrected": total(by_the_first_that_was_said(sales.won)),
        },
    ),
    Line(
        "average_deal_size",
        ("team", "region"),
        sales.average_deal_size,
        {
            **clocks(sales.average_deal_size),
            "each time it is said": mean(sales.won_as_said),
            "a mean of means": mean_of_members(sales.average_deal_size, "team", sales.won),
        },
    ),
    Line(
        "leads_generated",
        ("lead_source", "region"),
        _leads,
        {
            **clocks(_leads),
            "merged ones as well": count(sales.leads_as_created),
            "withdrawn at the merging": count(sales.leads_merged_at_the_merging),
        },
    ),
    Line(
        "funnel_stage_conversion",
        ("stage", "team"),
        sales.funnel_stage_conversion,
        {
            **clocks(sales.funnel_stage_conversion),
            "returns as well": mean(sales.stages_left_each_time),
            "an exclusive horizon": mean(sales.stages_left_with_the_day_after),
            "a mean of stages": mean_of_members(sales.funnel_stage_conversion, "stage", sales.stages_left),
        },
    ),
    Line(
        "time_in_stage",
        ("stage", "team"),
        sales.time_in_stage,
        {
            **clocks(sales.time_in_stage),
            "each visit by itself": seconds(mean(sales.stages_spent_each_time)),
            "a mean of stages": mean_of_members(sales.time_in_stage, "stage", sales.stages_spent),
        },
    ),
    Line(
        "win_rate",
        ("team", "segment"),
        sales.win_rate,
        {
            **clocks(sales.win_rate),
            "each time it is said": ratio(count(sales.won_as_said), plus(count(sales.won_as_said), count(sales.lost))),
            "of those won": ratio(count(sales.lost), plus(count(sales.won), count(sales.lost))),
            "a mean of members": mean_of_members(sales.win_rate, "team", sales.won),
        },
    ),
    Line(
        "win_rate_by_value",
        ("team", "segment"),
        sales.win_rate_by_value,
        {
            **clocks(sales.win_rate_by_value),
            "by count": sales.win_rate,
            "a mean of members": mean_of_members(sales.win_rate_by_value, "team", sales.won),
        },
    ),
    Line(
        "lead_conversion_rate",
        ("lead_source", "region"),
        _converted,
        {
            **clocks(_converted),
            "won at any time": mean(sales.lead_conversions_at_any_time),
            "an exclusive horizon": mean(sales.lead_conversions_to_the_day),
            "merged ones as well": mean(sales.lead_conversions_with_merged),
            "reverted ones as well": mean(sales.lead_conversions_with_reverted),
            "by the decision": ratio(_won, _leads),
        },
        (),
        {"unmatched_wins": count(sales.unmatched_wins)},
    ),
    Line(
        "call_conversion_rate",
        ("team", "rep_id"),
        _called,
        {
            **clocks(_called),
            "won at any time": mean(sales.call_conversions_at_any_time),
            "an exclusive horizon": mean(sales.call_conversions_to_the_day),
            "reverted ones as well": mean(sales.call_conversions_with_reverted),
            "of calls with a lead": mean(sales.calls_with_a_lead),
        },
        (),
    ),
    Line(
        "sales_growth",
        ("team", "region"),
        sales.sales_growth,
        {
            **clocks(sales.sales_growth),
            "whatever was reverted": growth(total(sales.won_for_ever)),
            "by count": growth(_won),
            "against a week ago": growth(_bookings, a_week_ago),
        },
        ("24h",),
        to_date=False,
        periods=("day", "week", "month"),
    ),
    Line(
        "customer_acquisition_cost",
        (),
        finance.acquisition_cost,
        {
            "months of Greenwich": in_utc(finance.acquisition_cost),
            "closed or too late": never_too_late(finance.acquisition_cost),
            "the books twice": said_twice(finance.acquisition_cost),
            "all cost": ratio(total(finance.entries(*finance.COSTS)), count(first_ever)),
            "by when it was booked": ratio(total(finance.as_posted("sales_marketing")), count(first_ever)),
            "customers of deals alone": ratio(total(finance.entries("sales_marketing")), count(first_deal)),
            "whoever took it back": ratio(total(finance.entries("sales_marketing")), count(first_ever_for_ever)),
        },
        (),
        periods=("month", "quarter", "year"),
    ),
    Line(
        "paid_acquisition_cost",
        (),
        finance.paid_acquisition_cost,
        {
            "months of Greenwich": in_utc(finance.paid_acquisition_cost),
            "far too late": never_too_late(finance.paid_acquisition_cost),
            "bills twice": said_twice(finance.paid_acquisition_cost),
            "all that is paid": finance.paid_for_all,
            "when it is said": finance.paid_when_said,
            "by the books": finance.acquisition_cost,
            "whoever took it back": ratio(total(spent_on_media), count(first_ever_for_ever)),
        },
        (),
        periods=("month", "quarter", "year"),
    ),
    Line(
        "quota_attainment",
        ("team", "rep_id"),
        plans.quota_attainment,
        {"days of Greenwich": in_utc(plans.quota_attainment), **plans.WRONG},
        rolling=(),
        also={"reps_without_target": plans.without_target},
        periods=("month", "quarter", "year"),
    ),
    Line(
        "market_share",
        ("market_id",),
        markets.market_share,
        {"days of Greenwich": in_utc(markets.market_share), **markets.WRONG_SHARES},
        rolling=(),
        to_date=False,
        periods=("month", "quarter", "year"),
    ),
    Line(
        "market_penetration",
        ("market_id",),
        markets.market_penetration,
        {**clocks(markets.market_penetration), **markets.WRONG_PENETRATIONS},
        rolling=("24h",),
        to_date=False,
    ),
)
