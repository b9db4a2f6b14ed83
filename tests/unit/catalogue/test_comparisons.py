"""Mistakes in what KPIs compare with."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

GROWTH = """---
kpi: growth
title: Growth
sentence: How much more came in than before.
department: shop
unit: ratio
direction: up
kind: lagging
owner: shopkeeper
uses: [revenue]
compare:
  before: {of: revenue, ago: previous}
  year_ago: {of: revenue, ago: year}
formula: (revenue - before) / nullif(before, 0)
also:
  year: (revenue - year_ago) / nullif(year_ago, 0)
windows: {calendar: [day, month]}
reach: 30d
"""
WITH_GROWTH = WHOLE + GROWTH

CASES = {
    "no such time": Case(
        "ago: year",
        "ago: years",
        "ago: 'years' is not one of previous, week, month, year",
        "year",
    ),
    "not used": Case(
        "before: {of: revenue",
        "before: {of: visits",
        "'visits' is compared with what it was; name it in uses, too",
    ),
    "no KPI": Case("before: {of: revenue", "before: {of: revenu", "unknown KPI 'revenu'", "revenue"),
    "named as a KPI": Case(
        "  before: {of: revenue, ago: previous}\n",
        "  before: {of: revenue, ago: previous}\n  revenue: {of: revenue, ago: previous}\n",
        "'revenue' is the name of a KPI in uses, too; take another",
        at="  revenue: {of",
    ),
    "neither ago nor a period": Case(
        "ago: year}",
        "}",
        "year_ago: a comparison has either ago, or period, such as period: {month: 2025-01}",
        at="  year_ago:",
    ),
    "no such month": Case(
        "ago: year}", "period: {month: 2025-13}}", "'2025-13' is no month: it is not in the calendar"
    ),
    "a month that is a quarter": Case(
        "ago: year}", "period: {month: 2025-Q1}}", "'2025-Q1' is no month: write it like 2025-03"
    ),
    "no such day": Case(
        "ago: year}", "period: {day: 2025-02-30}}", "'2025-02-30' is no day: it is not in the calendar"
    ),
    "a period of a window that there is not": Case(
        "ago: year}", "period: {year: '2025'}}", "unknown window 'year'; known are day and month"
    ),
    "too short ago": Case(
        "ago: year}\nformula: (revenue - before) / nullif(before, 0)\n"
        "also:\n  year: (revenue - year_ago) / nullif(year_ago, 0)\nwindows: {calendar: [day, month]}",
        "ago: week}\nformula: (revenue - before) / nullif(before, 0)\n"
        "also:\n  year: (revenue - year_ago) / nullif(year_ago, 0)\nwindows: {calendar: [month, quarter]}",
        "every window is longer than a week, so that none has the same a week ago; take previous",
        at="  year_ago:",
    ),
    "for nothing": Case(
        "also:\n  year: (revenue - year_ago) / nullif(year_ago, 0)\n",
        "",
        "no formula names 'year_ago'",
        at="  year_ago:",
    ),
    "zero": Case(
        "/ nullif(before, 0)", "/ before", "divides by what may be 0: write x / nullif(y, 0)", at="formula: (revenue"
    ),
    "misspelt": Case(
        "formula: (revenue - before)",
        "formula: (revenue - beforehand)",
        "unknown measure of growth 'beforehand'",
        "before",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WITH_GROWTH)


def test_growth_is_right(found: Found) -> None:
    assert found(WITH_GROWTH) == ()
