"""Mistakes in how streams close their days."""

from pathlib import Path

import pytest

from kpi.reach import reach_of
from services.runtime.catalogue import load
from tests.unit.catalogue.cases import Case, Found, assert_found_alone

WHOLE = """\
stream: book.entry
key: centre
partitions: 1
fields:
  centre: string
  branch: string?
  action: {enum: [posted, closed]}
  amount: int64
  effective: date
closing: {where: action = 'closed', per: centre, through: effective, zone: Europe/Berlin}
contributions:
  posted:
    at: {day: effective, zone: Europe/Berlin}
    value: amount
    where: action = 'posted'
---
kpi: income
title: Income
sentence: What came in.
department: shop
unit: points
direction: up
kind: lagging
owner: shopkeeper
measures: {posted: {from: book.entry.posted, aggregate: sum}}
formula: posted
windows: {calendar: [month]}
reach: 90d
"""
CASES = {
    "unknown action": Case(
        "action = 'closed'", "action = 'closd'", "action is never 'closd': it is closed or posted", "closed"
    ),
    "unknown field": Case("per: centre", "per: center", "unknown field of book.entry 'center'", "centre"),
    "no key": Case(
        "per: centre", "per: action", "all that one of them says must meet, so 'action' has to be the stream's key"
    ),
    "may be absent": Case(
        "per: centre", "per: branch", "'branch' may be absent, and then nobody closes: make it a required field"
    ),
    "unknown day": Case(
        "through: effective", "through: effectively", "unknown field of book.entry 'effectively'", "effective"
    ),
    "no day": Case("through: effective", "through: amount", "'amount' is int64: a day is a date"),
    "nothing is dated": Case(
        "    at: {day: effective, zone: Europe/Berlin}\n",
        "    at: time\n",
        "nothing is dated by it: declare a contribution with at: {day: effective}",
        at="closing:",
    ),
    "another zone": Case(
        "    at: {day: effective, zone: Europe/Berlin}",
        "    at: {day: effective, zone: UTC}",
        "its days are those of UTC, but they are closed in Europe/Berlin: give both one zone",
    ),
    "unknown zone": Case(
        "through: effective, zone: Europe/Berlin",
        "through: effective, zone: Europe/Berln",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
    ),
    "several partitions": Case(
        "partitions: 1\n",
        "partitions: 2\n",
        "on 2 partitions nobody hears of all that close: name them with of, or declare 1",
        at="closing:",
    ),
    "one twice": Case("zone: Europe/Berlin}\ncon", "zone: Europe/Berlin, of: [a, b, a]}\ncon", "'a' stands here twice"),
    "corrections": Case(
        "partitions: 1\n",
        "partitions: 1\ncorrections: 2d\n",
        "what is closed cannot be corrected: leave corrections out, and take an entry back by another one",
        at="corrections",
    ),
    "within": Case(
        "    value: amount\n",
        "    value: amount\n    within: 3d\n",
        "what is late is said by the closing; leave within out",
        at="    within: 3d",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, WHOLE)


def test_nothing_changes_after_the_closing(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)

    assert reach_of(load([tmp_path], default=False), "book.entry.posted") == 0
