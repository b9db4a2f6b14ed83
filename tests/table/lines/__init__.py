"""The table: one line a KPI, with its oracle, and with oracles that are wrong in ways that are easily built."""

from tests.table.lines.customers import CUSTOMERS
from tests.table.lines.finance import FINANCE
from tests.table.lines.line import Line
from tests.table.lines.marketing import MARKETING
from tests.table.lines.operations import OPERATIONS
from tests.table.lines.people import PEOPLE
from tests.table.lines.sales import SALES
from tests.table.lines.service import SERVICE

LINES = {
    line.kpi: line
    for line in (
        *SALES,
        *MARKETING,
        *SERVICE,
        *CUSTOMERS,
        *FINANCE,
        *OPERATIONS,
        *PEOPLE,
    )
}

__all__ = ["LINES", "Line"]
