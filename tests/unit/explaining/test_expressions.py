"""Expressions of declarations in words."""

import pytest

from kpi.explaining.expressions import Term, condition, value

TERMS = {
    "begun_time": Term("the moment of “begun”", is_moment=True),
    "ended_time": Term("the moment of “ended”", is_moment=True),
    "case_followed": Term("1 if “case” is followed, else 0", yes="“case” is followed"),
}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("direction = 'out'", "direction is “out”"),
        ("direction <> 'it''s'", "direction is not “it's”"),
        ("outcome in ('a', 'b', 'c')", "outcome is “a”, “b” or “c”"),
        ("outcome not in ('a', 'b')", "outcome is neither “a” nor “b”"),
        ("not is_bot", "it is not marked “bot”"),
        ("public and score >= 9", "it is marked “public” and score is at least 9"),
        ("(a = 1 or b = 2) and c < 3", "(a is 1 or b is 2) and c is less than 3"),
        ("a = 1 and b = 2 or c = 3", "a is 1 and b is 2 or c is 3"),
        ("not (a = 1 or b = 2)", "it is not so that (a is 1 or b is 2)"),
        ("visit_id is not null", "visit id is known"),
        ("visit_id IS NULL", "visit id is not known"),
        ("score between 1 and 5", "score is from 1 to 5"),
        ("name like 'a%'", "name is of the form “a%”"),
        ("active = false", "it is not marked “active”"),
        ("ended_time <= begun_time", "the moment of “ended” is not after the moment of “begun”"),
        ("case_followed = 0", "it is not so that “case” is followed"),
        ("coalesce(result, 'pass') = 'pass'", "result (“pass” where there is none) is “pass”"),
        ("true", "whatever it is"),
        ("a ~ 'x'", "this holds: “a ~ 'x'”"),
    ],
)
def test_conditions(sql: str, words: str) -> None:
    assert condition(sql, TERMS) == words


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("won / nullif(won + lost, 0)", "won ÷ (won + lost)"),
        ("a - (b - c)", "a − (b − c)"),
        ("a - b - c", "a − b − c"),
        ("(a + b) * -2", "(a + b) × −2"),
        ("ended_time - begun_time", "the time from the moment of “begun” to the moment of “ended”"),
        ("case when score >= 9 then 1 when score <= 6 then -1 else 0 end",
         "1 if score is at least 9, −1 if score is at most 6, else 0"),
        ("case action when 'in' then 1 end * 2", "(1 if action is “in”, else nothing) × 2"),
        ("try_cast(amount_minor as bigint)", "amount"),
        ("amount_minor::double", "amount"),
        ("coalesce(a, b)", "the first that is known of a and b"),
        ("nullif(a, 0)", "a (nothing where it is 0)"),
        ("greatest(a, 1.5)", "the largest of a and 1.5"),
        ("power(1 + rate, months)", "(1 + rate) to the power of months"),
        ("upper(team) || '-' || name", "team in capitals followed by “-” followed by name"),
        ("a = 1", "1 if a is 1, else 0"),
        ("strange(a, 2)", "strange(a, 2)"),
        ("a [", "“a [”"),
    ],
)  # fmt: skip
def test_values(sql: str, words: str) -> None:
    assert value(sql, TERMS) == words
