"""Mistakes in entities."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "unknown stream of an entity": Case(
        "of: {shop.order:",
        "of: {shop.oder:",
        "unknown stream 'shop.oder'",
        "shop.order",
    ),
    "unknown key field": Case(
        "{shop.order: order_id}",
        "{shop.order: order}",
        "unknown field of shop.order 'order'",
        "order_id",
    ),
    "a number as key": Case(
        "{shop.order: order_id}",
        "{shop.order: 7}",
        "shop.order: 7 is not text; put it in quotes",
    ),
    "unknown field in a state": Case(
        "first: action = 'placed'",
        "first: acton = 'placed'",
        "unknown field of shop.order 'acton'",
        "action",
    ),
    "unknown value in a state": Case(
        "first: action = 'placed'",
        "first: action = 'plced'",
        "action is never 'plced': it is cancelled, paid or placed",
        "placed",
    ),
    "unknown value in a list": Case(
        "('paid', 'cancelled')",
        "('paid', 'canceled')",
        "action is never 'canceled': it is cancelled, paid or placed",
        "cancelled",
    ),
    "not a condition": Case(
        "set: action = 'paid'",
        "set: amount_minor",
        "gives a whole number, but true or false is wanted here",
    ),
    "types that do not go together": Case(
        "set: action = 'paid'",
        "set: amount_minor = 'paid'",
        "does not work on these types: cannot compare string with numeric type (i64)",
    ),
    "unknown carried field": Case(
        "carrying: [amount_minor,",
        "carrying: [amount,",
        "unknown field of shop.order 'amount'",
        "amount_minor",
    ),
    "carried twice": Case(
        "carrying: [amount_minor,",
        "carrying: [store, amount_minor,",
        "'store' is carried already",
    ),
    "unknown state after": Case(
        "after: placed\n",
        "after: place\n",
        "unknown state of order 'place'",
        "placed",
    ),
    "forgotten too soon": Case(
        "forget_after: 90d",
        "forget_after: 10d",
        "forget_after is shorter than the time within which 'paid' can be cleared: make it as long",
    ),
    "forgotten before the deadline": Case(
        "{value: 86400,",
        "{value: 86400000,",
        "forget_after is shorter than the longest value of the target 'payment_target'",
        at="forget_after",
    ),
    "unknown state of a deadline": Case(
        "pay_by: {after: placed,",
        "pay_by: {after: plced,",
        "unknown state of order 'plced'",
        "placed",
    ),
    "unknown target": Case(
        "target: payment_target}",
        "target: paymnt_target}",
        "unknown target 'paymnt_target'",
        "payment_target",
    ),
    "deadline named as a state's time": Case(
        "  pay_by: {after",
        "  late_time: {after: placed, target: payment_target}\n  pay_by: {after",
        "the state 'late' offers 'late_time' already",
        at="  late_time: {",
    ),
    "unknown name in at": Case(
        "at: paid_time",
        "at: paid.time",
        "unknown state or carried field of order 'paid'",
        "paid_time",
    ),
    "at gives text": Case(
        "at: paid_time",
        "at: paid_currency",
        "gives text, but a whole number is wanted here",
    ),
    "value gives decimals": Case(
        "value: paid_amount_minor",
        "value: paid_amount_minor * 0.5",
        "gives decimals, but a whole number is wanted here",
    ),
    "currency gives a number": Case(
        "currency: paid_currency",
        "currency: paid_amount_minor",
        "gives a whole number, but text is wanted here",
    ),
    "unknown name in a dimension": Case(
        "{store: paid_store,",
        "{store: paid_shop,",
        "unknown state or carried field of order 'paid_shop'",
        "paid_store",
    ),
    "unknown level": Case(
        "level: open\n",
        "level: opn\n",
        "unknown level of order 'opn'",
        "open",
    ),
    "no level": Case(
        "level: open\n",
        "level: paid\n",
        "`level` is of a state that is held (enter, latest or while), and 'paid' is none; order has open",
    ),
    "another state's field of a level": Case(
        "{store: open_store}",
        "{store: late_time}",
        "unknown field of the level 'open': 'late_time'",
        "open_time",
    ),
    "a dimension called value": Case(
        "{store: open_store}",
        "{value: open_store}",
        "'value' is what the contribution adds; name the dimension otherwise",
    ),
    "circle of states": Case(
        "first: action = 'placed'\n",
        "first: action = 'placed'\n    after: late\n",
        "after goes in a circle: late → placed → late",
        at="after: placed",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
