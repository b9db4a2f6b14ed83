"""The lines of operations."""

from tests.table.lines.line import Line, clocks
from tests.table.oracle import production
from tests.table.oracle.facts import count

_throughput = production.an_hour(count(production.good_units))
OPERATIONS = (
    Line(
        "throughput",
        ("product", "line"),
        _throughput,
        {
            **clocks(_throughput),
            "each time that it is said": production.an_hour(count(production.good_units_each_time)),
            "what failed as well": production.an_hour(count(production.all_units)),
            "by hours to come": production.an_hour_of_all(count(production.good_units)),
        },
    ),
)
