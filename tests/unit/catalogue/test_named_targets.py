"""Mistakes in targets that decide deadlines."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "target in hours": Case(
        "target: payment_target\n",
        "target: payment_target\nunit: hours\n",
        "a target that decides deadlines is in seconds, not in 'hours'",
        at="unit: hours",
    ),
    "deadline as a range": Case(
        "{value: 86400,",
        "{max: 86400,",
        "a deadline needs one positive value in seconds, not a range",
    ),
    "target by what is not carried": Case(
        "where: {store: north}, from: 2020",
        "where: {stor: north}, from: 2020",
        "unknown field carried by order's state 'placed': 'stor'",
        "store",
    ),
    "target for what never is": Case(
        "where: {store: north}, from: 2020",
        "where: {store: nroth}, from: 2020",
        "store is never 'nroth': it is north or south",
        "north",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
