"""Mistakes in the units of formulas, in a small catalogue and in what is shipped."""

import pytest

from services.runtime.catalogue import load
from tests.unit.catalogue.books import BOOKS
from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

TIMES = """---
kpi: pay_time
title: Time to pay
sentence: How long it takes until an order is paid.
department: shop
unit: seconds
direction: down
kind: lagging
owner: shopkeeper
measures:
  took: {from: order.took, aggregate: mean, scale: 3}
  paid: {from: order.payment, aggregate: sum}
  orders: {from: order.payment, aggregate: count}
  held: {from: order.open_orders, aggregate: integral, scale: 3}
formula: took
also: {a_second: "paid / nullif(held, 0)"}
windows: {calendar: [day]}
reach: 30d
---
kpi: share_of_time
title: Share of time
sentence: How much of the time orders were open.
department: shop
unit: ratio
direction: down
kind: lagging
owner: shopkeeper
measures: {held: {from: order.open_orders, aggregate: integral, scale: 3}}
uses: [pay_time]
formula: held / nullif(elapsed, 0)
also: {of_pay: "held / nullif(pay_time, 0)"}
windows: {calendar: [day]}
reach: 30d
"""
WITH_TIMES = (
    WHOLE.replace("  open_orders:\n", "  took: {at: paid_time, value: paid_time - placed_time}\n  open_orders:\n", 1)
    + TIMES
)

CASES = {
    "seconds added to money": Case(
        "formula: took",
        "formula: took + paid",
        "adds or compares what has different units: took is seconds, paid is money",
    ),
    "money that is called seconds": Case(
        "formula: took", "formula: paid / nullif(orders, 0)", "gives money, but the unit is seconds"
    ),
    "a number that is called seconds": Case(
        "formula: took", "formula: orders", "gives a plain number, but the unit is seconds"
    ),
    "milliseconds that are called seconds": Case(
        "took: {from: order.took, aggregate: mean, scale: 3}",
        "took: {from: order.took, aggregate: mean}",
        "gives milliseconds, but the unit is seconds; give its measures scale: 3",
        at="formula: took",
    ),
    "a variance": Case(
        "took: {from: order.took, aggregate: mean",
        "took: {from: order.took, aggregate: variance",
        "gives seconds^2, but the unit is seconds",
        at="formula: took",
    ),
    "beside": Case(
        'a_second: "paid / nullif(held, 0)"',
        'a_second: "paid - held"',
        "adds or compares what has different units: paid is money, held is seconds",
    ),
    "milliseconds and seconds": Case(
        "formula: held / nullif(elapsed, 0)",
        "formula: (pay_time - elapsed - old) / nullif(elapsed, 0)",
        "adds or compares what has different units: pay_time is seconds, elapsed is seconds, old is milliseconds",
    ),
    "no ratio": Case(
        "formula: held / nullif(elapsed, 0)",
        "formula: held",
        "gives seconds, but the unit is ratio",
        at="formula: held\nalso",
    ),
    "money divided by money": Case(
        "formula: revenue / nullif(visits, 0)",
        "formula: revenue / nullif(revenue, 0) * visits",
        "gives a plain number, but the unit is money",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    whole = WITH_TIMES
    if "old" in case.new:
        whole = whole.replace(
            "scale: 3}}\nuses", "scale: 3}, old: {from: order.open_orders, aggregate: integral}}\nuses"
        )
    assert_found_alone(found, case, whole)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("formula: took", "formula: took + held"),
        ("formula: took", "formula: held / nullif(orders, 0)"),
        ("formula: held / nullif(elapsed, 0)", "formula: 1 - held / nullif(ends_at, 0)"),
        ("unit: ratio", "unit: things"),
        ("formula: people", "formula: people + stay"),
    ],
)
def test_what_is_right_is_taken(found: Found, old: str, new: str) -> None:
    assert old in WITH_TIMES
    assert found(WITH_TIMES) == ()
    assert found(WITH_TIMES.replace(old, new, 1)) == ()


def test_a_duration_is_in_milliseconds(found: Found) -> None:
    text = WITH_TIMES.replace("value: paid_time - placed_time", "value: waited", 1)
    declared = "durations:\n  waited: {from: placed_time, to: paid_time}\ncontributions:\n"
    text = text.replace("contributions:\n", declared, 1)

    assert found(text) == ()
    (mistake,) = found(text.replace("unit: seconds", "unit: share"))
    assert mistake.message == "gives seconds, but the unit is share"


def test_what_is_counted_in_an_episode_is_a_plain_number(found: Found) -> None:
    counting = "leave: action <> 'placed'\n    within: 1d\n    counting: {gifts: gift}\n    followed: gift\n"
    text = WITH_TIMES.replace("leave: action <> 'placed'\n", counting, 1)
    counted = "{each: open, at: open_ended, value: open_gifts + open_followed}"
    text = text.replace("{at: paid_time, value: paid_time - placed_time}", counted, 1).replace("mean, scale: 3", "sum")

    assert found(text.replace("unit: seconds", "unit: share")) == ()
    (mistake,) = found(text)
    assert mistake.message == "gives a plain number, but the unit is seconds"


def test_what_a_stream_contributes_beside_its_events_is_money_where_it_names_a_currency(found: Found) -> None:
    assert found(BOOKS) == ()
    (mistake,) = found(BOOKS.replace("unit: money", "unit: ratio"))
    assert mistake.message == "gives money, but the unit is ratio"
    per_day = "measures:\n  shares: {from: book.entry.posted, aggregate: count}\n  posted"
    divided = BOOKS.replace("measures:\n  posted", per_day, 1).replace(
        "formula: posted", "formula: posted / nullif(shares, 0)"
    )
    assert found(divided) == ()
    (mistake,) = found(divided.replace("posted / nullif(shares, 0)", "posted / nullif(posted, 0)"))
    assert mistake.message == "gives a plain number, but the unit is money"


def test_what_is_shipped_is_right() -> None:
    load([])
