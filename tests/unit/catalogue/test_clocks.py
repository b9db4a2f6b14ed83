"""Expressions that read the clock of the machine would give another value each time, and are refused."""

import pytest

from tests.unit.catalogue.cases import WHOLE, Case, Found, assert_found_alone

WHY = "is the time at which one computes; take a moment that the event says"


@pytest.mark.parametrize(
    ("sql", "clock"),
    [("time > now()", "now"), ("time > current_timestamp", "current_timestamp"), ("CURRENT_DATE > 1", "CURRENT_DATE")],
)
def test_a_clock_in_an_expression(found: Found, sql: str, clock: str) -> None:
    assert_found_alone(found, Case("where: seconds > 0", f"where: {sql}", f"{clock} {WHY}"))


def test_text_that_looks_like_a_clock_is_text(found: Found) -> None:
    assert found(WHOLE.replace("where: seconds > 0", "where: store = 'now()'", 1)) == ()


def test_what_a_task_keeps_has_a_bound(found: Found) -> None:
    (mistake,) = found(WHOLE.replace("currency: EUR\n", "currency: EUR\nmost_keys: 1000000000000\n", 1))

    assert mistake.message == "most_keys: input should be less than or equal to 10000000"
