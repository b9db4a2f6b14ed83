"""What a line of the table is, and what goes wrong with any KPI."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.table.oracle.facts import Oracle, in_utc, never_too_late, of_24_hours, said_twice


@dataclass(frozen=True, slots=True)
class Line:
    """A KPI and what it is. `segments`: at most two of its dimensions. `also`: its further numbers, within one percent.

    `wrong`: by what is wrong with them, oracles that must give something else. `rolling`: the windows that are asked
    for by length. `to_date`, `periods`: whether periods that run are asked for, and which.
    `of_arrivals`: dated by when its events were told, so that it is asked for the year in which they were, and is not
    final. `members`: the values of its dimensions that are others than those of all lines.
    """

    kpi: str
    segments: tuple[str, ...]
    right: Oracle
    wrong: Mapping[str, Oracle]
    rolling: tuple[str, ...] = ("1h", "24h")
    also: Mapping[str, Oracle] = field(default_factory=dict)
    to_date: bool = True
    periods: tuple[str, ...] = ("day", "week", "month", "quarter", "year")
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_arrivals: bool = False


FAST = ("5m", "1h", "24h")


def clocks(right: Oracle) -> dict[str, Oracle]:
    return {
        "days of Greenwich": in_utc(right),
        "days of 24 hours": of_24_hours(right),
        "far too late": never_too_late(right),
    }


def everything(right: Oracle) -> dict[str, Oracle]:
    return {**clocks(right), "said twice": said_twice(right)}
