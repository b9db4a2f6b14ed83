"""The expected values can be trusted: they say something, differ from what mistakes give, and know no product."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi.windows import kind_of, window_at
from schemas.kpis import Windows
from tests.table.business.clock import SPECIAL, first_instant
from tests.table.cells import Cell, after_it, members, while_it_runs
from tests.table.lines import LINES, Line
from tests.table.oracle.calendar import Asked
from tests.table.playing import books, expected, the_year

HERE = Path(__file__).parent


def questions(line: Line) -> Iterator[tuple[Cell, bool]]:
    """Every single cell, and whether it is asked after the year."""
    for complete, cells in ((False, while_it_runs(line)), (True, after_it(line))):
        for cell in cells:
            for each in members(cell).values() if cell.breakdown else (cell,):
                yield each, complete


@pytest.mark.parametrize("kpi", LINES)
def test_each_expected_value_says_something(kpi: str) -> None:
    line = LINES[kpi]
    assert [str(cell) for cell, complete in questions(line) if not expected(line, cell, complete=complete)] == []


@pytest.mark.parametrize("kpi", LINES)
def test_a_mistaken_build_would_be_noticed(kpi: str) -> None:
    line = LINES[kpi]
    assert line.wrong
    for name, wrong in line.wrong.items():
        assert any(
            wrong(books(complete=complete), cell.asked) != expected(line, cell, complete=complete)
            for cell, complete in questions(line)
        ), f"nothing that is asked would show it: {name}"


@pytest.mark.parametrize("folder", ["business", "oracle"])
def test_the_truth_knows_no_product(folder: str) -> None:
    files = sorted((HERE / folder).glob("*.py"))
    assert len(files) > 4
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name.partition(".")[0] in {"schemas", "kpi", "services", "tests"}
                assert not ours or name.startswith("tests.table."), f"{file.name} imports {name}"
                assert folder != "oracle" or "business" not in name, f"{file.name} knows how the year was made"


def test_the_special_days_are_as_long_as_they_are_said_to_be() -> None:
    lengths = [Asked("day", first_instant(day, zone), zone).span[1] - first_instant(day, zone) for zone, day in SPECIAL]
    assert [length / 3_600_000 for length in lengths] == [24, 23, 23, 24.5, 24, 24, 23.5, 25, 25]


def test_windows_are_those_of_the_product() -> None:
    windows = Windows.model_validate({"rolling": ["5m", "24h"], "tumbling": ["1h"], "calendar": ["day"]})
    for line in LINES.values():
        for cell, _ in questions(line):
            asked = cell.asked
            found = window_at(asked.window, kind_of(asked.window, windows), asked.at, asked.zone)
            assert (found.start, found.end) == asked.span, str(cell)


def test_the_year_is_a_year_of_business() -> None:
    year = the_year()
    assert 20_000 < len(year.events) < 200_000
    assert len(year.repeated) > 200
    assert {event.stream for event in year.late} == {event.stream for event in year.events}
