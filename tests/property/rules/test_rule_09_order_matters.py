"""Rule 9: first, last and count per action do not determine the result where order matters."""

from dataclasses import replace

import pytest

from kpi.entities.histories import Histories
from kpi.entities.states.episodes import Episode, Episodes
from tests.property.rules.breaking import broken
from tests.property.rules.desk import at, settled_at_once, values

EPISODES = Episode.episodes
NEEDED = Episode.needed


def the_smallest_pair(resolved: int, expected: list[tuple[int, int]]) -> None:
    """Both have the same first and last records and as many of each: (end, duration) of each resolution."""
    log = [
        at(-1, "1", "opened"),
        at(0, "2", "resolved"),
        at(2, "3", "reopened"),
        at(resolved, "4", "resolved"),
        at(12, "5", "reopened"),
        at(20, "6", "resolved"),
    ]
    driven = settled_at_once("resolution", log, 0)
    assert [(time, value) for time, _, value in values(driven, "resolution")] == expected


def a_reopening_far_behind() -> None:
    log = [
        at(0, "1", "opened"),
        at(1, "2", "resolved"),
        at(8, "3", "note", "b"),
        at(8, "4", "reopened"),
        at(8, "5", "resolved"),
    ]
    driven = settled_at_once("resolution", log, 0)
    assert values(driven, "resolution") == [(8, ("north",), 8)]
    assert values(driven, "first_contact") == [(8, (), 0)]


PAIR = [(4, [(4, 5), (20, 8)]), (10, [(20, 21)])]


def from_first_to_last(episode: Episode, histories: Histories) -> Episodes:
    """What the first opening, the last resolution and the number of openings say."""
    return EPISODES(replace(episode, within=2**61), histories)


def each_alone(episode: Episode, histories: Histories) -> Episodes:
    """What the last opening and the last resolution say."""
    return EPISODES(replace(episode, within=None), histories)


@pytest.mark.parametrize(("resolved", "expected"), PAIR)
def test_first_last_and_count_do_not_tell(resolved: int, expected: list[tuple[int, int]]) -> None:
    the_smallest_pair(resolved, expected)


def test_slots_in_place_of_the_order_are_found() -> None:
    with broken(("kpi.entities.states.episodes.Episode.episodes", from_first_to_last)):
        the_smallest_pair(*PAIR[0])
    with broken(("kpi.entities.states.episodes.Episode.episodes", each_alone)):
        the_smallest_pair(*PAIR[1])


def test_a_reopening_far_behind_in_a_settled_history() -> None:
    a_reopening_far_behind()

    def of_what_is_held(episode: Episode, histories: Histories, horizon: int) -> object:
        return NEEDED(replace(episode, within=None), histories, horizon)

    with broken(("kpi.entities.states.episodes.Episode.needed", of_what_is_held)):
        a_reopening_far_behind()
