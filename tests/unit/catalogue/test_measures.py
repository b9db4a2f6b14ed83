"""Mistakes in the measures of KPIs."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "unknown stream": Case(
        "{from: shop.visit, aggregate: count}",
        "{from: shop.vist, aggregate: count}",
        "unknown stream or contribution 'shop.vist'",
        "shop.visit",
    ),
    "unknown contribution": Case(
        "from: order.payment",
        "from: order.paymet",
        "unknown stream or contribution 'order.paymet'",
        "order.payment",
    ),
    "unknown field in value": Case(
        "value: visitor_id}",
        "value: visitor}",
        "unknown field of shop.visit 'visitor'",
        "visitor_id",
    ),
    "unknown field in where": Case(
        "where: seconds > 0",
        "where: second > 0",
        "unknown field of shop.visit 'second'",
        "seconds",
    ),
    "SQL that does not parse": Case(
        "where: seconds > 0",
        "where: seconds >",
        "not an SQL expression: unable to parse 'seconds >' as Expr",
    ),
    "aggregate in a row": Case(
        "where: seconds > 0",
        "where: seconds > avg(seconds)",
        (
            "avg() takes many rows, but this reads one; declare a measure with aggregate: (quantile "
            "goes with quantile: 0.95), and name the measure"
        ),
    ),
    "sum of nothing": Case(
        "aggregate: mean, value: seconds,",
        "aggregate: mean,",
        "mean of what? give a value, such as a field of shop.visit",
    ),
    "count of something": Case(
        "aggregate: count}",
        "aggregate: count, value: seconds}",
        "count takes no value",
    ),
    "sum of text": Case(
        "aggregate: mean, value: seconds",
        "aggregate: mean, value: store",
        "gives text, but a whole number is wanted here",
    ),
    "level of a stream": Case(
        "aggregate: count}",
        "aggregate: level}",
        "shop.visit is no level; a level is a contribution with `level:`",
    ),
    "count of a level": Case(
        "{from: shop.visit, aggregate: count}",
        "{from: order.open_orders, aggregate: count}",
        "order.open_orders is a level, and takes no count: take level or integral",
    ),
    "maximum that may be withdrawn": Case(
        "aggregate: sum}",
        "aggregate: max}",
        (
            "order.payment may be withdrawn, and a max cannot forget; take count, distinct, mean, overlap, quantile, "
            "repeaters, sum or variance"
        ),
    ),
    "currency of a contribution": Case(
        "aggregate: sum}",
        "aggregate: sum, currency: currency}",
        "the currency of order.payment stands with the contribution; leave it out here",
    ),
    "currency of a count": Case(
        "aggregate: count}",
        "aggregate: count, currency: store}",
        "count is no money; leave the currency out",
    ),
    "money without currency": Case(
        "{from: order.payment, aggregate: sum}",
        "{from: order.in_time, aggregate: sum}",
        "the unit is money, so a measure names the field with the currency, such as currency: currency",
    ),
    "too short a reach": Case(
        "reach: 30d",
        "reach: 1d",
        ("order.payment can still change for 30d after its date, so its values stay open as long: write reach: 30d"),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
