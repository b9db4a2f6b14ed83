"""Mistakes in the measures of KPIs."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone
from tests.unit.catalogue.kinds import KINDS

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
        "order.open_orders is a level, and takes no count: take level, integral, lost or least",
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


FURTHER = {
    "latest of nothing": Case(
        "aggregate: latest, key: customer_id, value: seconds}",
        "aggregate: latest, key: customer_id}",
        "latest of what? give a value, such as a field of desk.call",
    ),
    "latest without key": Case(
        "aggregate: latest, key: customer_id, value: seconds}",
        "aggregate: latest, value: seconds}",
        "newest: key goes with aggregate: latest or lost, such as key: respondent_id",
    ),
    "a key of another aggregate": Case(
        "aggregate: variance, value: seconds}",
        "aggregate: variance, key: customer_id, value: seconds}",
        "spread: key goes with aggregate: latest or lost, such as key: respondent_id",
    ),
    "unknown field in key": Case(
        "key: customer_id,",
        "key: custmer_id,",
        "unknown field of desk.call 'custmer_id'",
        "customer_id",
    ),
    "repeaters of nothing": Case(
        "aggregate: repeaters, value: customer_id}",
        "aggregate: repeaters}",
        "repeaters of what? give a value, such as a field of desk.call",
    ),
    "the first text": Case(
        "aggregate: first, value: seconds}",
        "aggregate: first, value: team}",
        "gives text, but a whole number is wanted here",
    ),
    "integral of a stream": Case(
        "{from: shop.order, aggregate: sum, value: pieces}",
        "{from: shop.order, aggregate: integral}",
        "shop.order is no level; a level is a contribution with `level:`",
    ),
    "integral of something": Case(
        "{from: item.stock, aggregate: integral}",
        "{from: item.stock, aggregate: integral, value: value}",
        "integral takes no value",
    ),
    "sum of a level": Case(
        "{from: item.stock, aggregate: level}",
        "{from: item.stock, aggregate: sum}",
        "item.stock is a level, and takes no sum: take level, integral, lost or least",
    ),
    "integral of a contribution that is no level": Case(
        "{from: item.stock, aggregate: integral}",
        "{from: ticket.openings, aggregate: integral}",
        "ticket.openings is no level; a level is a contribution with `level:`",
    ),
    "lost without a key": Case(
        "{from: item.stock, aggregate: integral}",
        "{from: item.stock, aggregate: lost}",
        "over: key goes with aggregate: latest or lost, such as key: respondent_id",
    ),
    "lost of what is no level": Case(
        "{from: item.stock, aggregate: integral}",
        "{from: ticket.openings, aggregate: lost, key: value}",
        "ticket.openings is no level; a level is a contribution with `level:`",
    ),
    "lost since ever": Case(
        "{from: item.stock, aggregate: integral}",
        "{from: item.stock, aggregate: lost, key: value, window: ever}",
        "lost compares the two ends of a window, and ever has one alone; leave window: ever out",
    ),
    "unknown window": Case(
        "window: previous}",
        "window: last}",
        "window: 'last' is not one of this, previous, ever",
    ),
    "currency of repeaters": Case(
        "aggregate: repeaters, value: customer_id}",
        "aggregate: repeaters, value: customer_id, currency: team}",
        "repeaters is no money; leave the currency out",
    ),
    "too short a reach for corrections": Case(
        "reach: 2d",
        "reach: 47h",
        "shop.order can still change for 2d after its date, so its values stay open as long: write reach: 2d",
    ),
    **{
        f"{aggregate} that may be corrected": Case(
            "aggregate: sum, value: pieces}",
            f"aggregate: {aggregate}, value: pieces}}".replace("latest,", "latest, key: customer_id,"),
            (
                f"shop.order may be corrected, and a {aggregate} cannot forget; take count, distinct, mean, overlap, "
                "quantile, repeaters, sum or variance"
            ),
        )
        for aggregate in ("min", "max", "first", "last", "latest")
    },
    **{
        f"{aggregate} that may be withdrawn": Case(
            "{from: item.shelves, aggregate: integral}",
            f"{{from: ticket.openings, aggregate: {aggregate}}}".replace("latest", "latest, key: value"),
            (
                f"ticket.openings may be withdrawn, and a {aggregate} cannot forget; take count, distinct, mean, "
                "overlap, quantile, repeaters, sum or variance"
            ),
        )
        for aggregate in ("min", "first", "last", "latest")
    },
}


@pytest.mark.parametrize("case", FURTHER.values(), ids=FURTHER.keys())
def test_one_mistake_of_a_further_aggregate_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, KINDS)


def test_what_can_forget_is_taken_of_a_stream_that_may_be_corrected(found: Found) -> None:
    for aggregate in ("mean", "variance", "distinct", "repeaters", "overlap", "quantile, quantile: 0.5"):
        text = KINDS.replace("aggregate: sum, value: pieces}", f"aggregate: {aggregate}, value: pieces}}", 1)
        assert text != KINDS
        assert found(text) == ()


def test_the_level_of_money_is_money(found: Found) -> None:
    text = (
        KINDS.replace("unit: pieces\ndirection: none", "unit: money\ndirection: none", 1)
        .replace("value: stocked_pieces", "value: stocked_pieces\n    currency: stocked_site", 1)
        .replace("  over: {from: item.stock, aggregate: integral}\n", "", 1)
        .replace(
            "  usable: {from: item.shelves, aggregate: integral}\nformula: over / nullif(usable, 0)", "formula: now"
        )
    )

    assert found(text) == ()
