"""Formulas: what is no number is null with the reason for it."""

import pytest

from kpi.formulas import FormulaError, Operand, evaluate, names_in
from kpi.reasons import Reason


def result(formula: str, **operands: float | None) -> Operand:
    (found,) = evaluate(formula, [{name: Operand(value) for name, value in operands.items()}])
    return found


@pytest.mark.parametrize("formula", ["a / b", "a / nullif(b, 0)", "100 * (a - b) / b", "(a - a) / b"])
def test_division_by_zero_is_null(formula: str) -> None:
    assert result(formula, a=3, b=0) == Operand(None, Reason.division_by_zero)


def test_zero_of_four_is_zero() -> None:
    assert result("a / nullif(b, 0)", a=0, b=4) == Operand(0.0)


def test_division_of_integers_is_exact() -> None:
    assert result("a / nullif(b, 0)", a=8, b=100) == Operand(0.08)


def test_numbers_with_a_point_are_as_exact_as_any() -> None:
    assert result("3.6 * a / nullif(b, 0)", a=5, b=7) == Operand(3.6 * 5 / 7)
    assert result("case when a > 1.5 then 0.5 else 0.1 end", a=5) == Operand(0.5)


def test_integers_stay_integers() -> None:
    found = result("a - b", a=9_007_199_254_740_993, b=0)
    assert found.value == 9_007_199_254_740_993


def test_sums_beyond_64_bits_are_numbers_still() -> None:
    assert result("a / b", a=2**70, b=2**69) == Operand(2.0)


def test_null_has_the_reason_of_what_is_missing() -> None:
    rows = [{"a": Operand(None, Reason.no_data), "b": Operand(0), "c": Operand(None, Reason.no_rate)}]
    assert evaluate("a / b", rows) == [Operand(None, Reason.no_data)]
    assert evaluate("a + c", rows) == [Operand(None, Reason.no_rate)]
    assert evaluate("coalesce(a, 5) + b", rows) == [Operand(5)]


def test_every_row_has_its_own_result() -> None:
    rows = [{"a": Operand(1), "b": Operand(2)}, {"a": Operand(1), "b": Operand(0)}]
    assert evaluate("a / b", rows) == [Operand(0.5), Operand(None, Reason.division_by_zero)]
    assert evaluate("7", rows) == [Operand(7), Operand(7)]
    assert evaluate("a", []) == []


def test_names() -> None:
    assert names_in("a / nullif(b + a, 0)") == ["a", "b"]


@pytest.mark.parametrize("formula", ["a +", "a / missing"])
def test_what_cannot_be_computed_is_named(formula: str) -> None:
    with pytest.raises(FormulaError, match="a"):
        result(formula, a=1)
