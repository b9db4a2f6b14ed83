"""Rule 15: a dimension is the value at the contribution's moment, never the last one of the entity."""

import numpy as np
import polars as pl

from kpi.entities.histories import Integers
from kpi.entities.tables import Tables
from tests.oracle.bodies import SECOND_DAY
from tests.property.bodies.tallies import cells
from tests.property.rules.breaking import broken
from tests.property.rules.desk import at, settled_at_once, values

CARRIED = Tables._carried


def the_team_at_the_reply() -> None:
    """The window that holds the reply is final when the ticket goes to another team."""
    log = [
        at(0, "1", "opened", team="south"),
        at(5, "2", "replied", team="north"),
        at(20, "3", "note", "b"),
        at(25, "4", "note", team="south"),
    ]
    driven = settled_at_once("response", log, 2)
    assert values(driven, "response") == [(5, ("north", "south"), 5)]
    assert all(signed.time < SECOND_DAY + 20 for signed in driven.signed)


def the_team_of_a_level() -> None:
    """Taken back where it was given."""
    log = [at(0, "1", "opened", team="south"), at(5, "2", "resolved", team="north")]
    driven = settled_at_once("resolution", log, 2)
    assert cells(driven.signed, SECOND_DAY, SECOND_DAY + 10)["backlog"] == {("south",): (0, 5)}


def the_latest(tables: Tables, state: str, rows: Integers, prefix: str) -> dict[str, pl.Series]:
    """What the last record of each life carries."""
    histories = tables._evaluated.histories
    last = np.append(histories.starts[1:], histories.rows) - 1
    return CARRIED(tables, state, np.where(rows >= 0, last[histories.life[rows]], rows), prefix)


def test_a_dimension_is_the_value_at_the_moment() -> None:
    the_team_at_the_reply()
    with broken(("kpi.entities.tables.Tables._carried", the_latest)):
        the_team_at_the_reply()


def test_a_level_is_taken_back_where_it_was_given() -> None:
    the_team_of_a_level()
    with broken(("kpi.entities.tables.Tables._carried", the_latest)):
        the_team_of_a_level()
