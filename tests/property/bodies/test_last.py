"""What comes last is kept until something comes later."""

from tests.property.bodies.tallies import cells
from tests.property.rules.desk import END, START, at, settled_at_once

MOVED = [at(0, "1", "replied"), at(3, "2", "moved", team="south"), at(5, "3", "opened", "b")]


def test_what_was_last_by_the_deadline_gives_way_to_what_comes_later() -> None:
    for time, team in ((9, "north"), (10, "south")):
        driven = settled_at_once("classified", [*MOVED, at(time, "4", "moved")], 0)
        assert cells(driven.signed, START, END)["placed_by"] == {(team,): (1, 1)}


def test_what_was_last_within_a_time_gives_way_to_what_comes_later() -> None:
    opened = [at(0, "1", "opened"), at(3, "2", "moved", team="south"), at(5, "3", "note", "b")]
    for time, team in ((7, "north"), (8, "south")):
        driven = settled_at_once("classified", [*opened, at(time, "4", "moved")], 0)
        assert cells(driven.signed, START, END)["classified"] == {(team,): (1, 1)}
