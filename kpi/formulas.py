"""Formulas: SQL expressions over the results of measures and of other KPIs, evaluated in columns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from kpi.reasons import Reason, strongest
from schemas.declarations import Sql

LARGEST = 2**63 - 1

Number = int | float | Fraction
"""Exact where it is a fraction, which money is before it is rounded."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A named number that goes into a formula, or why there is none; neither: one that was left open."""

    value: Number | None
    reason: Reason | None = None


class FormulaError(Exception):
    """A formula that cannot be evaluated; the catalogue should not have been accepted."""


def names_in(formula: Sql) -> list[str]:
    """The names that a formula reads, each once. Raises FormulaError."""
    return list(dict.fromkeys(_parsed(formula).meta.root_names()))


def evaluate(formula: Sql, rows: Sequence[Mapping[str, Operand]]) -> list[Operand]:
    """The formula's result for each row of operands, by name.

    What is infinite, not a number, or null without a null operand came from a division by zero. What names money
    without a rate has no result, whatever it does with nulls: that would be a part of one. Raises FormulaError.
    """
    if not rows:
        return []
    expression, names = _parsed(formula), names_in(formula)
    if missing := [name for name in names if name not in rows[0]]:
        raise FormulaError(f"{formula!r} names {', '.join(missing)}, which is neither a measure nor a KPI it uses")
    if names == [formula.strip()]:
        # What is only handed on stays as exact as it is.
        return [_judged(row[names[0]].value, [row[names[0]]]) for row in rows]
    frame = pl.DataFrame(
        [_series(name, [row[name].value for row in rows]) for name in names] or [pl.Series("", [0] * len(rows))]
    )
    if "." in formula:
        # A number with a point is a decimal to SQL, and decimals of integers are rounded to few digits.
        frame = frame.cast(pl.Float64)
    try:
        column = frame.with_columns(expression.alias("result"))["result"]
        results = (column.cast(pl.Float64) if column.dtype.is_decimal() else column).to_list()
    except pl.exceptions.PolarsError as error:
        raise FormulaError(f"{formula!r} cannot be computed: {error}") from None
    return [_judged(result, [row[name] for name in names]) for result, row in zip(results, rows, strict=True)]


def _parsed(formula: Sql) -> pl.Expr:
    try:
        return pl.sql_expr(formula)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise FormulaError(f"{formula!r} is not an SQL expression: {error}") from None


def _series(name: str, values: list[Number | None]) -> pl.Series:
    whole = all(value is None or (isinstance(value, int) and abs(value) <= LARGEST) for value in values)
    if whole:
        return pl.Series(name, values, dtype=pl.Int64)
    return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)


def _judged(result: object, operands: Sequence[Operand]) -> Operand:
    absent = [operand.reason for operand in operands if operand.value is None and operand.reason is not None]
    if Reason.no_rate in absent:
        return Operand(None, strongest(absent))
    if isinstance(result, bool):
        return Operand(int(result))
    if isinstance(result, int | Fraction) or (isinstance(result, float) and math.isfinite(result)):
        return Operand(result)
    return Operand(None, strongest(absent) if absent else Reason.division_by_zero)
