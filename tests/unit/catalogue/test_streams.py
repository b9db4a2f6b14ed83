"""Mistakes in streams."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "name that the service keeps": Case(
        "  gift: boolean",
        "  offset: int64",
        "the service keeps something of its own as 'offset'; name the field otherwise",
    ),
    "unknown key field": Case(
        "key: order_id",
        "key: ordr_id",
        "key: 'ordr_id' is not one of its fields",
        "order_id",
    ),
    "unknown table field": Case(
        "order_id: id\n",
        "oder_id: id\n",
        "unknown field 'oder_id'",
        "order_id",
    ),
    "unknown table zone": Case(
        "zone: Europe/Berlin",
        "zone: Europe/Berln",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
    ),
    "no time columns": Case(
        "columns: [day, clock]",
        "columns: []",
        "name the columns that hold the time, such as [date, time]",
    ),
    "column and constant": Case(
        "{constant: EUR}",
        "{constant: EUR, column: cur}",
        "currency: give either a column or a constant",
    ),
    "constant of another type": Case(
        "{constant: EUR}",
        "{constant: 3}",
        "currency: 3 is no string",
    ),
    "scale on text": Case(
        "order_id: id\n",
        "order_id: {column: id, scale: 2}\n",
        "order_id: only a whole number takes a scale, not string",
    ),
    "default of another type": Case(
        "default: 1,",
        "default: one,",
        "pieces: 'one' is no int32",
    ),
    "default beyond the type": Case(
        "default: 1,",
        "default: 3000000000,",
        "pieces: 3000000000 is no int32",
    ),
    "min above max": Case(
        "min: 0,",
        "min: 100,",
        "pieces: min 100 is above max 99",
    ),
    "bounds on text": Case(
        "visitor_id: string",
        "visitor_id: {type: string, max: 3}",
        "visitor_id: only numbers have min and max, not string",
    ),
    "enumeration repeats": Case(
        "[north, south]",
        "[north, north]",
        "store: the same value stands in the enumeration twice",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
