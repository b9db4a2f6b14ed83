"""The lines of finance."""

from collections.abc import Mapping

from tests.table.lines.line import Line
from tests.table.oracle import finance
from tests.table.oracle.conversions import as_if_all_were_euros, rounded_one_by_one
from tests.table.oracle.facts import Oracle, in_utc, mean_of_members, never_too_late, said_twice, total

PERIODS = ("month", "quarter", "year")
_SEGMENTS = ("cost_centre", "project_id")


def _booked(right: Oracle) -> dict[str, Oracle]:
    """What goes wrong with entries. Their days are those of Greenwich, so that clock changes move none."""
    return {
        "months of Greenwich": in_utc(right),
        "closed or too late": never_too_late(right),
        "twice": said_twice(right),
    }


def _money(kpi: str, right: Oracle, wrong: Mapping[str, Oracle]) -> Line:
    return Line(kpi, _SEGMENTS, right, {**_booked(right), **wrong}, (), periods=PERIODS)


FINANCE = (
    _money(
        "revenue",
        finance.revenue,
        {
            "as posted": total(finance.as_posted("income")),
            "as if all were euros": total(as_if_all_were_euros(finance.INCOME)),
            "rounded one by one": total(rounded_one_by_one(finance.INCOME)),
            "credit notes added": total(finance.without_credit_notes("income")),
        },
    ),
    _money(
        "operating_cost",
        finance.operating_cost,
        {
            "as posted": total(finance.as_posted("operating")),
            "selling too": total(finance.entries("operating", "sales_marketing")),
        },
    ),
    _money(
        "profit",
        finance.profit,
        {
            "operating cost alone": finance.less(finance.revenue, finance.operating_cost),
            "cost added": finance.less(
                finance.revenue, lambda *asked: -(total(finance.entries(*finance.COSTS))(*asked) or 0)
            ),
        },
    ),
    _money(
        "profit_margin",
        finance.profit_margin,
        {
            "of the cost": finance.share_of(finance.profit, total(finance.entries(*finance.COSTS))),
            "a mean of members": mean_of_members(finance.profit_margin, "cost_centre", finance.INCOME),
        },
    ),
    Line(
        "cost_per_unit",
        (),
        finance.cost_per_unit,
        {
            **_booked(finance.cost_per_unit),
            "good ones": finance.cost_per_good_unit,
            "each time it is said": finance.cost_per_unit_each_time,
        },
        (),
        to_date=False,
        periods=PERIODS,
    ),
    Line(
        "cost_reduction",
        ("project_id",),
        finance.cost_reduction,
        {
            **_booked(finance.cost_reduction),
            "against the month before": finance.against_the_month_before,
            "against another month": finance.against(2),
            "a mean of members": mean_of_members(finance.cost_reduction, "project_id", finance.INCOME),
        },
        (),
        to_date=False,
        periods=("month",),
    ),
    _money("gross_profit", finance.gross_profit, {"all cost": finance.profit}),
    _money(
        "gross_margin",
        finance.gross_margin,
        {
            "all cost": finance.profit_margin,
            "a mean of members": mean_of_members(finance.gross_margin, "cost_centre", finance.INCOME),
        },
    ),
    *(
        Line(
            kpi,
            ("cost_centre", "account_type"),
            share(finance.plans),
            {
                **_booked(share(finance.plans)),
                "as if all were euros": share(as_if_all_were_euros(finance.plans)),
                "as posted": share(finance.plans, finance.as_posted("income", *finance.COSTS)),
                "by whole months": share(finance.plans_of_whole_months),
                "what was said last": share(finance.plans_said_last),
                "what was said first": share(finance.plans_said_first),
                "all versions": share(finance.plans_added),
                **more,
            },
            (),
            periods=PERIODS,
        )
        for kpi, share, more in (
            ("budget_variance", finance.variance_share, {"without abs()": finance.variance_of_signed}),
            ("budget_variance_amount", finance.variance, {"the share": finance.variance_share(finance.plans)}),
        )
    ),
)
