"""Answers beside what the oracle says."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest

from tests.table.cells import Cell, members
from tests.table.lines import LINES, Line
from tests.table.playing import Played, books, expected

SHARE_OF_ORDER = 0.01
"""How far a quantile may be from the nearest rank."""


def differences(played: Played, kpi: str) -> list[str]:
    """Every cell of a line whose answer is not what it should be, in words."""
    line = LINES[kpi]
    found: list[str] = []
    for complete, answers in ((False, played.running[kpi]), (True, played.complete[kpi])):
        for cell, values in answers:
            found += _of_cell(line, cell, values, complete=complete)
    return found


def _of_cell(line: Line, cell: Cell, values: list[Mapping[str, Any]], *, complete: bool) -> Iterator[str]:
    state = "final" if complete else "provisional"
    if cell.breakdown is None:
        (value,) = values
        yield from _of_value(line, cell, value, complete=complete)
        if line.of_arrivals:
            return
        # Rolling windows and hours that ended long ago may be final while the year still runs.
        # Some rates are corrected when the books are closed.
        if value["state"] not in (state, "restated") and (complete or cell.asked.span[1] > books(complete=False).until):
            yield f"{cell}: {value['state']}, not {state}"
        return
    by_member = {value["dimensions"][cell.breakdown]: value for value in values}
    wanted = members(cell)
    if by_member.keys() - {None} != wanted.keys():
        yield f"{cell}: {sorted(map(str, by_member))}, not {sorted(wanted)}"
        return
    for member, each in wanted.items():
        yield from _of_value(line, each, by_member[member], complete=complete)


def _of_value(line: Line, cell: Cell, value: Mapping[str, Any], *, complete: bool) -> Iterator[str]:
    right = expected(line, cell, complete=complete)
    if not _equal(value, right):
        shown = value["value_minor"] if value["unit"] == "money" else value["value"]
        yield f"{cell}: {shown} ({value['reason']}), not {None if right is None else float(right)}"
    for name, oracle in line.also.items():
        share = oracle(books(complete=complete), cell.asked)
        if value["also"][name] != (None if share is None else pytest.approx(float(share), rel=SHARE_OF_ORDER)):
            yield f"{cell}: {name} is {value['also'][name]}, not {None if share is None else float(share)}"


def _equal(value: Mapping[str, Any], right: Fraction | None) -> bool:
    if right is None:
        return value["value"] is None and value["reason"] is not None
    if value["unit"] == "money":
        return bool(value["value_minor"] == round(right) and value["currency"] == "EUR")
    if value["value"] is None:
        return False
    near = int(right) if right.denominator == 1 else pytest.approx(float(right), rel=1e-12, abs=0)
    return bool(value["value"] == near)
