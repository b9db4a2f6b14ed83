"""Mistakes in keys and values, whatever they belong to."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "unknown key": Case(
        "direction: up",
        "directoin: up",
        "unknown key 'directoin'",
        "direction",
    ),
    "unknown key inside": Case(
        "labels: [store]",
        "lables: [store]",
        "unknown key 'lables'",
        "labels",
    ),
    "far from any key": Case(
        "forget_after: 90d\n",
        "forget_after: 90d\nxyz: 1\n",
        "unknown key 'xyz'; known are ",
        at="xyz",
    ),
    "missing key": Case(
        "owner: shopkeeper\nuses",
        "uses",
        "'owner' is missing",
        at="kpi: revenue_per_visit",
    ),
    "missing key inside": Case(
        "from: order.payment, ",
        "",
        "'from' is missing",
        at="paid: {aggregate",
    ),
    "missing document line": Case(
        "---\nkpi: revenue_per",
        "kpi: revenue_per",
        "'kpi' begins a declaration of its own: put a line --- before it",
    ),
    "other missing document line": Case(
        "---\nreporting",
        "reporting",
        "'reporting' begins a declaration of its own: put a line --- before it",
    ),
    "comma in braces": Case(
        '"visits / nullif(people, 0)"',
        "visits / nullif(people, 0)",
        "a comma ends an entry inside { }: put an expression that has one in quotes",
    ),
    "no name of a choice": Case(
        "kind: leading",
        "kind: leadign",
        "kind: 'leadign' is not one of leading, lagging",
        "leading",
    ),
    "unknown aggregate": Case(
        "aggregate: sum",
        "aggregate: summ",
        "aggregate: 'summ' is not one of count, sum, mean, variance, min, max, first, last, quantile, distinct, "
        "repeaters, overlap, latest, level, integral, lost, least",
        "sum",
    ),
    "unknown field type": Case(
        "gift: boolean",
        "gift: bool",
        "type: 'bool' is not one of string, int16, int32, int64, boolean, decimal, date, enum, map",
        "boolean",
    ),
    "not a name": Case(
        "  gift: boolean",
        "  Gift Box: boolean",
        "'Gift Box' is not a name: write lower-case letters, digits and _, a letter first",
    ),
    "not a stream's name": Case(
        "stream: shop.visit",
        "stream: visit\nfields: {}\n---\nstream: shop.visit",
        (
            "'visit' is not a name: write lower-case letters, digits and _, a letter first, in two or "
            "more parts with a dot between"
        ),
        at="stream: visit",
    ),
    "not text": Case(
        "title: Visits",
        "title: 5",
        "title: 5 is not text; put it in quotes",
    ),
    "not a list": Case(
        "labels: [store]",
        "labels: store",
        "labels: 'store' is not a list; write it as [a, b]",
    ),
    "not keys": Case(
        "windows: {calendar: [day]}\n---\nkpi",
        "windows: day\n---\nkpi",
        "windows: 'day' is not keys with values",
        at="windows: day",
    ),
    "not a duration": Case(
        "forget_after: 90d",
        "forget_after: 3 months",
        ("forget_after: '3 months' is not a duration: write a whole number and one of ms, s, m, h, d, such as 30s"),
    ),
    "not a number": Case(
        "value: 1000",
        "value: lots",
        "value: input should be a valid number, unable to parse string as a number",
    ),
    "not a date": Case(
        "review: 2026-12-31",
        "review: 2026-13-31",
        "review: '2026-13-31' is no date: write it as 2026-02-01",
    ),
    "both value and range": Case(
        "{value: 1000,",
        "{value: 1000, max: 3,",
        "targets: a target has either value or a range (min, max)",
    ),
    "a state of two kinds": Case(
        "first: action = 'placed'",
        "first: action = 'placed'\n    enter: gift\n    leave: not gift",
        "placed: a state has exactly one of: first; last (with after); set (with clear); enter (with leave); latest; "
        "opens (with closes); stages (with won, lost); while (with per)",
        at="  placed:",
    ),
    "no windows": Case(
        "windows: {calendar: [day]}\n---\nkpi",
        "windows: {}\n---\nkpi",
        "windows: declare at least one, such as {rolling: [5m], calendar: [day]}",
        at="windows: {}",
    ),
    "quantile without its number": Case(
        "quantile: 0.95, ",
        "",
        "stay_p95: quantile goes with aggregate: quantile, such as quantile: 0.95",
        at="stay_p95: {",
    ),
    "a field of the envelope": Case(
        "  gift: boolean",
        "  time: int64",
        "time belongs to the envelope of every event; name the field otherwise",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
