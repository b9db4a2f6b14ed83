"""What other currencies are worth, and when that has changed."""

from fractions import Fraction

import pytest

from kpi.money import minor
from kpi.rates import UNIT, Change, Rates, Said, Worth

DAY = 86_400_000
MARCH_2 = 20_514
"""2026-03-02, in days since 1970."""


def said(day: int, rate: int, at: int, currency: str = "USD") -> Said:
    return Said(currency, MARCH_2 + day, rate, (MARCH_2 + at) * DAY)


def cents(rates: Rates, amount: int, currency: str, day: int = 0) -> Fraction | None:
    weight = rates.weight(currency, MARCH_2 + day)
    return None if weight is None else Fraction(amount * weight, UNIT)


def test_a_rate_is_of_a_whole_unit_whatever_digits_a_currency_has() -> None:
    rates = Rates("EUR", [said(0, 610_000, 0, "JPY"), said(0, 270_000_000, 0, "KWD"), said(0, 90_000_000, 0)])
    assert cents(rates, 150_000, "JPY") == 91_500
    assert cents(rates, 1_000, "KWD") == 270
    assert cents(rates, 100_005, "USD") == Fraction("90004.5")
    assert [cents(rates, 7, currency) for currency in ("EUR", "")] == [7, 7]
    into_yen = Rates("JPY", [said(0, 16_000_000_000, 0, "EUR")])
    assert cents(into_yen, 100, "EUR") == 160


def test_a_rate_is_used_for_seven_days_and_never_before_its_own() -> None:
    rates = Rates("EUR", [said(0, 90_000_000, 0)])
    assert [cents(rates, 100, "USD", day) for day in (-1, 0, 7, 8)] == [None, 90, 90, None]


def test_what_was_said_last_counts_in_whatever_order_it_is_read() -> None:
    for order in (1, -1):
        rates = Rates("EUR", [said(0, 90_000_000, 0), said(0, 80_000_000, 3)][::order])
        assert cents(rates, 100, "USD") == 80


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], []),
        ([said(0, 80_000_000, 3)], [Change((MARCH_2 + 3) * DAY, corrected=True)]),
        ([said(0, 90_000_000, 3)], []),
        ([said(-1, 80_000_000, 3)], []),
        ([said(1, 80_000_000, 3)], [Change((MARCH_2 + 3) * DAY, corrected=False)]),
        ([said(2, 80_000_000, 3)], []),
        ([said(1, 80_000_000, 1), said(1, 70_000_000, 2)], [Change((MARCH_2 + 2) * DAY, corrected=True)]),
    ],
    ids=[
        "nothing",
        "another",
        "the same again",
        "of the day before",
        "of the day itself",
        "of the day after",
        "before",
    ],
)
def test_what_has_changed_since_a_window_was_over(more: list[Said], expected: list[Change]) -> None:
    rates = Rates("EUR", [said(0, 90_000_000, 0), *more])
    assert rates.changes({("USD", MARCH_2 + 1), ("EUR", MARCH_2)}, (MARCH_2 + 2) * DAY) == expected


def test_the_first_rate_changes_nothing() -> None:
    assert Rates("EUR", [said(0, 90_000_000, 9)]).changes({("USD", MARCH_2)}, 0) == []


def test_a_row_names_its_day_beside_its_currency() -> None:
    rates = Rates("EUR", [said(0, 90_000_000, 0)])
    named = Worth(rates, None)
    assert [named.place(text) for text in ("USD 20514", "EUR", None)] == [("USD", MARCH_2), ("EUR", 0), ("", 0)]
    assert named.weights(["USD 20514", "USD 20532"]) is None
    assert Worth(rates, MARCH_2).weights(["USD", "EUR"]) == [UNIT * 9 // 10, UNIT]


def test_halves_are_rounded_to_even_and_found_again_where_a_formula_blurred_them() -> None:
    assert [minor(Fraction(number, 2)) for number in (1, 3, 5, -3)] == [0, 2, 2, -2]
    assert minor(Fraction(1, 2) + Fraction(1, 10**20)) == 1
    blurred = 12345.7 - 1234.2 + 1e-12
    assert (blurred != 11111.5, minor(blurred), minor(0.5000001)) == (True, 11112, 1)
