"""Every name of the contract has a line, or is known to have none yet."""

from services.runtime.catalogue import load
from tests.table.contract import contract
from tests.table.lines import LINES
from tests.table.pending import PENDING


def test_lines_and_what_is_pending_are_the_contract() -> None:
    assert LINES.keys() | PENDING == contract().keys()


def test_what_has_a_line_is_not_pending() -> None:
    assert LINES.keys().isdisjoint(PENDING)


def test_what_is_shipped_has_a_line() -> None:
    assert load([]).kpis.keys() == LINES.keys()
