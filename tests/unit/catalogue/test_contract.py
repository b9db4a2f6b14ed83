"""What is shipped is what was agreed on: unit, direction, kind, department and windows of each KPI."""

from pathlib import Path

import pytest

from kpi.grains import DAY
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.table.contract import FILE, Row, contract

ORIGINAL = Path(__file__).parents[4] / "shared" / "design" / "kpis.csv"
ROWS = contract()


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load([])


def test_the_contract_is_the_one_agreed_on() -> None:
    assert len(ROWS) == 104
    if ORIGINAL.exists():
        assert FILE.read_text() == ORIGINAL.read_text()


def test_nothing_is_shipped_that_is_not_in_it(shipped: Catalogue) -> None:
    assert shipped.kpis.keys() <= ROWS.keys()


def test_each_kpi_is_what_was_agreed_on(shipped: Catalogue) -> None:
    found = {name: (one.department, one.unit, one.direction, one.kind) for name, one in shipped.kpis.items()}
    rows = {name: ROWS[name] for name in found}
    assert found == {name: (row.department, row.unit, row.direction, row.kind) for name, row in rows.items()}


def test_each_kpi_is_served_for_what_was_agreed_on(shipped: Catalogue) -> None:
    served = {
        name: (bool(one.windows.rolling or one.windows.tumbling), bool(one.windows.calendar))
        for name, one in shipped.kpis.items()
    }
    assert served == {name: (ROWS[name].rolling, ROWS[name].calendar) for name in served}


def test_each_kpi_stays_open_as_long_as_was_agreed_on(shipped: Catalogue) -> None:
    stated = {name: days for name in shipped.kpis if (days := ROWS[name].days) is not None}
    assert stated
    assert {name: shipped.kpis[name].reach for name in stated} == {name: days * DAY for name, days in stated.items()}


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        ("r t c", (True, True, None)),
        ("(t) c", (False, True, None)),
        ("r (t) c", (True, True, None)),
        ("c", (False, True, None)),
        ("(t c) +30 d", (False, True, 30)),
        ("(r t c) +7 d", (True, True, 7)),
        ("at end", (True, True, None)),
        ("now", (True, False, None)),
        ("(t) c, closed by period_closed", (False, True, None)),
    ],
)
def test_what_is_served_is_read_from_its_row(serve: str, expected: tuple[bool, bool, int | None]) -> None:
    row = Row("x", "sales", "ratio", "up", "lagging", serve)
    assert (row.rolling, row.calendar, row.days) == expected


def test_all_rows_are_understood() -> None:
    assert all(row.rolling or row.calendar for row in ROWS.values())
