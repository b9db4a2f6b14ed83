"""Mistakes in formulas, windows, alerts and targets of KPIs."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "a direction by nothing": Case(
        "direction: up\nkind: leading\nowner: shopkeeper\n",
        "direction: by type\nkind: leading\nowner: shopkeeper\n",
        "direction: by type goes with favourable, which has one dimension, such as {account_type: {income: up}}",
        at="direction: by type",
    ),
    "wrong dimension": Case(
        "dimensions: [store]\nwindows: {rolling",
        "dimensions: [store, stor]\nwindows: {rolling",
        "unknown dimension of order.payment (measure 'paid'): 'stor'",
        "store",
        at="dimensions: [store, stor]",
    ),
    "dimension of no contribution": Case(
        "dimensions: [store]\nwindows: {rolling",
        "dimensions: [store, gift]\nwindows: {rolling",
        "unknown dimension of order.payment (measure 'paid'): 'gift'; known are currency and store",
        at="dimensions: [store, gift]",
    ),
    "dimension twice": Case(
        "dimensions: [store]\nwindows: {rolling",
        "dimensions: [store, store]\nwindows: {rolling",
        "'store' stands here twice",
        at="dimensions: [store, store]",
    ),
    "dimension of no used KPI": Case(
        "dimensions: [store]\nwindows: {calendar: [day]}\n---\nkpi",
        "windows: {calendar: [day]}\n---\nkpi",
        "unknown dimension of the KPI 'visits': 'store'",
        at="dimensions: [store]\nwindows: {calendar: [day]}\n---\nreporting",
    ),
    "money by currency": Case(
        "dimensions: [store]\nwindows: {rolling",
        "dimensions: [store, currency]\nwindows: {rolling",
        "money is kept apart by currency already; leave the dimension out",
        at="dimensions: [store, currency]",
    ),
    "unknown measure": Case(
        "formula: people",
        "formula: peple",
        "unknown measure of visits 'peple'",
        "people",
    ),
    "unknown measure beside": Case(
        "stay: stay,",
        "stay: stays,",
        "unknown measure of visits 'stays'",
        "stay",
    ),
    "quantile in also": Case(
        "stay_p95: stay_p95,",
        'stay_p95: "quantile(stay, 0.95)",',
        (
            "quantile() takes many rows, but this reads one; declare a measure with aggregate: "
            "(quantile goes with quantile: 0.95), and name the measure"
        ),
    ),
    "KPI in a formula": Case(
        "formula: people",
        "formula: revenue",
        "'revenue' is a KPI; name it in uses: [revenue]",
    ),
    "division by zero": Case(
        "formula: revenue / nullif(visits, 0)",
        "formula: revenue / visits",
        "divides by what may be 0: write x / nullif(y, 0)",
    ),
    "unknown used KPI": Case(
        "uses: [revenue, visits]",
        "uses: [revenu, visits]",
        "unknown KPI 'revenu'",
        "revenue",
    ),
    "unknown fed KPI": Case(
        "feeds: revenue",
        "feeds: revenu",
        "unknown KPI 'revenu'",
        "revenue",
    ),
    "measure named as a used KPI": Case(
        "uses: [revenue, visits]\n",
        "uses: [revenue, visits]\nmeasures: {visits: {from: shop.visit, aggregate: count}}\n",
        "'visits' is the name of a measure, too; rename the measure",
        at="uses: [",
    ),
    "not a window": Case(
        "rolling: [5m]",
        "rolling: [5min]",
        "'5min' is not a window: write a whole number and one of m, h, d, such as 5m, 1h or 24h",
    ),
    "part of a minute": Case(
        "rolling: [5m]",
        "rolling: [90s]",
        "'90s' is not a window: windows are whole minutes, such as 5m",
    ),
    "does not divide the day": Case(
        "tumbling: [1h]",
        "tumbling: [1h, 7h]",
        "'7h' is not a tumbling window: it has to divide the day, such as 15m, 1h or 6h",
    ),
    "unknown calendar window": Case(
        "calendar: [day, month]",
        "calendar: [day, moth]",
        "calendar: 'moth' is not one of day, week, month, quarter, year",
        "month",
    ),
    "one name for two windows": Case(
        "rolling: [5m]",
        "rolling: [1h]",
        "the window '1h' stands here twice; a name is one window",
    ),
    "unknown label": Case(
        "labels: [store]",
        "labels: [stor]",
        "unknown dimension 'stor'",
        "store",
    ),
    "unknown alert window": Case(
        "window: 1h}",
        "window: 2h}",
        "unknown window '2h'; known are 1h, 5m, day and month",
    ),
    "unknown target window": Case(
        "window: day, from: 2026-01-01, review",
        "window: week, from: 2026-01-01, review",
        "unknown window 'week'; known are 1h, 5m, day and month",
    ),
    "target by no dimension": Case(
        "where: {store: north}, window",
        "where: {stor: north}, window",
        "unknown dimension 'stor'",
        "store",
    ),
    "target of no store": Case(
        "where: {store: north}, window",
        "where: {store: nort}, window",
        "store is never 'nort': it is north or south",
        "north",
    ),
    "two targets at once": Case(
        "where: {store: north}, window: day",
        "window: day",
        "there is another value for the same from (2026-01-01), where and window",
        at="value: 500",
    ),
    "review before its time": Case(
        "review: 2026-12-31",
        "review: 2025-12-31",
        "to be reviewed on 2025-12-31, before it holds",
    ),
    "target upside down": Case(
        "{value: 1000,",
        "{min: 5, max: 3,",
        "min 5 is above max 3",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
