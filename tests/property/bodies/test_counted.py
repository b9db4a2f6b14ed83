"""What is counted in an episode, and what follows it, is kept for as long as the episode may go on."""

from tests.oracle.events import Event
from tests.property.bodies.tallies import cells
from tests.property.rules.desk import END, START, at, settled_at_once


def handled(*log: Event) -> dict[tuple[object, ...], tuple[int, int]]:
    """(team, followed) of what was handled: how often, and ten for each reply, one for each word."""
    return cells(settled_at_once("handled", log, 0).signed, START, END).get("handled", {})


def test_what_was_counted_before_stays() -> None:
    log = (at(0, "1", "opened"), at(1, "2", "replied"), at(9, "3", "replied"), at(20, "4", "resolved"))
    assert handled(*log) == {("north", "0"): (1, 24)}


def test_what_comes_between_two_holdings_counts_if_the_episode_goes_on() -> None:
    log = [at(0, "1", "opened"), at(1, "2", "resolved"), at(3, "3", "replied"), at(6, "4", "note", "b")]
    assert handled(*log) == {("north", "0"): (1, 2)}
    assert handled(*log, at(8, "5", "reopened"), at(12, "6", "resolved")) == {("north", "0"): (1, 14)}


def test_what_follows_counts_until_the_episode_goes_on() -> None:
    log = [at(0, "1", "opened"), at(1, "2", "resolved"), at(3, "3", "note"), at(6, "4", "note", "b")]
    assert handled(*log) == {("north", "1"): (1, 2)}
    assert handled(*log, at(8, "5", "reopened"), at(12, "6", "resolved")) == {("north", "0"): (1, 3)}


def test_what_is_dropped_does_not_go_on() -> None:
    log = [at(0, "1", "opened"), at(1, "2", "resolved"), at(3, "3", "moved"), at(4, "4", "note", "b")]
    assert handled(*log) == {}
    assert handled(*log, at(5, "5", "reopened"), at(6, "6", "resolved")) == {("north", "0"): (1, 1)}
    assert handled(*log, at(5, "5", "reopened"), at(6, "6", "moved")) == {}
