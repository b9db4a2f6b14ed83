"""Mistakes in parameters and flags, and in formulas that name them."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

RATES = """---
kpi: lifetime
title: Lifetime
sentence: How much a visit brings over time.
department: shop
unit: money
direction: up
kind: lagging
owner: shopkeeper
uses: [revenue, visits]
parameters:
  margin: 0.25
  horizon: null
formula: margin * revenue / nullif(visits, 0) * coalesce(horizon, 12)
also:
  an_hour: revenue * 3600 / nullif(elapsed, 0)
  a_year: revenue * periods_a_year
flags:
  assumed: horizon is null
windows: {calendar: [day]}
reach: 30d
"""
WITH_RATES = WHOLE + RATES
NO_NUMBER = "margin: input should be a valid number, unable to parse string as a number"

CASES = {
    "no number": Case("margin: 0.25", "margin: much", NO_NUMBER),
    "infinite": Case("margin: 0.25", "margin: .inf", NO_NUMBER),
    "named by nothing": Case("margin: 0.25", "margin: 0.25\n  other: 3", "no formula names 'other'", at="  other: 3"),
    "misspelt": Case("formula: margin", "formula: margn", "unknown measure of lifetime 'margn'", "margin"),
    "named as a KPI": Case(
        "margin: 0.25\n  horizon: null",
        "margin: 0.25\n  horizon: null\n  visits: 3",
        "'visits' is the name of a KPI in uses, too; rename the parameter",
        at="  visits: 3",
    ),
    "named as a property of the window": Case(
        "margin: 0.25\n  horizon: null",
        "margin: 0.25\n  horizon: null\n  elapsed: 3",
        "'elapsed' is what formulas call a property of the window; take another name",
        at="  elapsed: 3",
    ),
    "left open": Case(
        "coalesce(horizon, 12)",
        "horizon",
        "has no value while the parameter 'horizon' is left open: set it, or write coalesce(horizon, …)",
        at="formula: margin",
    ),
    "divided by time": Case(
        "nullif(elapsed, 0)", "elapsed", "divides by what may be 0: write x / nullif(y, 0)", at="  an_hour:"
    ),
    "a flag that is a number": Case(
        "horizon is null", "horizon + 1", "gives decimals, but true or false is wanted here", at="  assumed:"
    ),
    "a flag of nothing": Case(
        "horizon is null", "horzon is null", "unknown measure of lifetime 'horzon'", "horizon", at="  assumed:"
    ),
    "a flag of what the formula does not compare with": Case(
        "  a_year: revenue * periods_a_year\nflags:\n  assumed: horizon is null",
        "  a_year: revenue - before\ncompare: {before: {of: revenue, ago: previous}}\n"
        "flags:\n  assumed: before is null",
        "the formula does not compare with 'before', so a flag cannot",
        at="  assumed:",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WITH_RATES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("margin: 0.25", "margin: 1"),
        ("horizon: null", "horizon: 36"),
        ("coalesce(horizon, 12)", "case when horizon is null then 1 / nullif(revenue, 0) else horizon end"),
        ("margin * revenue", "margin * revenue * (ends_at - elapsed) / nullif(ends_at, 0)"),
    ],
)
def test_what_is_right_is_taken(found: Found, old: str, new: str) -> None:
    assert old in WITH_RATES
    assert found(WITH_RATES) == ()
    assert found(WITH_RATES.replace(old, new, 1)) == ()


def test_a_measure_of_that_name_goes_first(found: Found) -> None:
    """Catalogues that call a measure so are older than what formulas call so."""
    whole = WHOLE.replace("  people: {from", "  elapsed: {from").replace("people", "elapsed")
    assert found(whole) == ()
