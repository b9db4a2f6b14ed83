"""Mistakes in what KPIs read whole."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

USING = """---
kpi: people_a_day
title: People a day
sentence: How many people came in all.
department: shop
unit: visits
direction: up
kind: leading
owner: shopkeeper
measures: {people: {from: shop.visit, aggregate: distinct, value: visitor_id}}
formula: people
windows: {calendar: [day]}
---
kpi: share
title: Share
sentence: How many of the visits a store has.
department: shop
unit: ratio
direction: up
kind: leading
owner: shopkeeper
uses: [visits, people_a_day]
whole: [people_a_day]
formula: visits / nullif(people_a_day, 0)
dimensions:
  - store
windows: {calendar: [day]}
"""
WITH_SHARE = WHOLE + USING

CASES = {
    "not said": Case(
        "whole: [people_a_day]\n",
        "",
        "unknown dimension of the KPI 'people_a_day': 'store'",
        at="  - store",
    ),
    "misspelt": Case(
        "whole: [people_a_day]",
        "whole: [people_a_dy, people_a_day]",
        "unknown KPI of uses 'people_a_dy'",
        "people_a_day",
    ),
    "twice": Case("whole: [people_a_day]", "whole: [people_a_day, people_a_day]", "'people_a_day' stands here twice"),
    "for nothing": Case(
        "whole: [people_a_day]",
        "whole: [people_a_day, visits]",
        "'visits' has all dimensions of share, so nothing has to be read whole; leave it out",
    ),
    "all of it": Case(
        "uses: [visits, people_a_day]\nwhole: [people_a_day]\nformula: visits / nullif(people_a_day, 0)\n",
        "uses: [people_a_day]\nwhole: [people_a_day]\nformula: people_a_day\n",
        "all that it is made of is read whole, so that it has no dimensions; read one part by them",
        at="dimensions:\n  - store",
    ),
}

MEASURED = """---
kpi: duration
title: Duration
sentence: How much longer than others people stay in a store that they bought something in.
department: shop
unit: ratio
direction: up
kind: leading
owner: shopkeeper
measures:
  bought: {from: shop.order, aggregate: count, where: action = 'paid'}
  stayed: {from: shop.visit, aggregate: sum, value: seconds, whole: true}
formula: bought / nullif(stayed, 0)
dimensions:
  - gift
windows: {calendar: [day]}
"""
MEASURED_CASES = {
    "not said": Case(
        ", whole: true",
        "",
        "unknown dimension of shop.visit (measure 'stayed'): 'gift'; known are seconds, store and visitor_id",
        at="  - gift",
    ),
    "for nothing": Case(
        "action = 'paid'}",
        "action = 'paid', whole: true}\n  placed: {from: shop.order, aggregate: count}",
        "shop.order has all dimensions of duration, so nothing has to be read whole; leave it out",
    ),
    "all of it": Case(
        "  bought: {from: shop.order, aggregate: count, where: action = 'paid'}\n",
        "  bought: {from: shop.visit, aggregate: count, whole: true}\n",
        "all that it is made of is read whole, so that it has no dimensions; read one part by them",
        at="dimensions:\n  - gift",
    ),
}


@pytest.mark.parametrize("case", MEASURED_CASES.values(), ids=MEASURED_CASES.keys())
def test_one_mistake_in_a_measure_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WHOLE + MEASURED)


def test_a_measure_that_is_read_whole_is_taken(found: Found) -> None:
    assert found(WHOLE + MEASURED) == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WITH_SHARE)


def test_what_is_right_is_taken(found: Found) -> None:
    assert found(WITH_SHARE) == ()
