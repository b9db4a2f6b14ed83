"""Durations without pauses, over units that are started, paused and resumed many times, and finished long after."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kpi.entities.places import Hashes
from kpi.entities.store import hash_of_key
from tests.oracle.events import Event, arrivals
from tests.property.bodies.engine import Driven
from tests.property.bodies.logs import START, TEAMS, Logged
from tests.property.bodies.settings import MANY
from tests.property.bodies.tallies import stepped, tally
from tests.property.bodies.test_store_equals_steps import equals_at_every_flush
from tests.property.rules.breaking import broken

STREAM = "plant.unit"
MIDDLE = ("paused", "resumed", "paused", "resumed", "waiting", "moved", "note", "started", "finished", "reopened")
LATENESS = 5


def _event(time: int, number: int, action: str, key: str = "a", team: str = "north") -> Event:
    fields = {"unit_id": key, "action": action, "team": team}
    return Event(START + time, False, "s", f"{number * 7 % 100:02}", (key,), STREAM, fields)


def logged(events: list[Event]) -> Logged:
    """Records in the order of their arrival."""
    return Logged([*events], arrivals(events, {STREAM: (0, LATENESS)}))


@st.composite
def _courses(draw: st.DrawFn, teams: tuple[str, ...] = ("north",)) -> Logged:
    """Each record some time after the one before, and some a few places later in the log than they happened."""
    actions = ["started", *draw(st.lists(st.sampled_from(MIDDLE), min_size=3, max_size=14)), "finished"]
    time, events = 0, []
    for number, action in enumerate(actions):
        time += draw(st.integers(0, 9))
        event = _event(time, number, action, team=draw(st.sampled_from(teams)))
        events.append((time + draw(st.sampled_from([0, 0, 0, 2, 4, 5])), event))
        if draw(st.booleans()):
            # Of another unit: this one is silent for so long that all of it is settled.
            time += draw(st.integers(0, LATENESS + 2))
            events.append((time, _event(time, number + 50, "note", "b")))
    return logged([event for _, event in sorted(events, key=lambda each: each[0])])


@MANY
@given(_courses(), st.lists(st.tuples(st.sampled_from(["take", "settle", "flush", "crash"]), st.integers(1, 6))))
def test_the_store_equals_the_step_at_every_flush(course: Logged, schedule: list[tuple[str, int]]) -> None:
    equals_at_every_flush("unit", course, [*schedule, ("settle", len(course.arrivals))])


@MANY
@given(_courses(TEAMS), st.lists(st.tuples(st.sampled_from(["take", "settle", "flush", "crash"]), st.integers(1, 6))))
def test_so_it_does_where_each_team_has_pauses_of_its_own(course: Logged, schedule: list[tuple[str, int]]) -> None:
    equals_at_every_flush("shared", course, [*schedule, ("settle", len(course.arrivals))])


def hashes_of(key: str) -> Hashes:
    """The hash that the store has for a key."""
    return pl.DataFrame({"key": [key]}).select(hash_of_key())["key_hash"].to_numpy()


def running(*said: tuple[int, str], body: str = "unit", of: str = "running") -> tuple[list[int], int]:
    """What each start to finish took, where all that is old is settled before the next is read; and what is kept.

    A note is of another unit. `of`: the contribution that tells.
    """
    keys = {"note": "b"}
    log = logged([_event(time, number, word, keys.get(word, "a")) for number, (time, word) in enumerate(said)])
    driven = Driven(body, log.arrivals)
    for _ in said:
        driven.take(1)
        driven.forget()
    assert tally(driven.signed) == tally(stepped(body, driven.events))
    found = tally(driven.signed)
    keeping = driven.store._keeping
    _, owner = keeping.rows(keeping.find(hashes_of("a")))
    return [value for name, *_, value in found if name == of], len(owner)


def test_what_was_paused_and_settled_does_not_count() -> None:
    def kept() -> None:
        assert running((0, "started"), (2, "paused"), (6, "resumed"), (20, "note"), (30, "finished"))[0] == [26]

    kept()
    with broken(("kpi.entities.pauses.Pauses.needed", lambda *_: {})):
        kept()


def test_a_pause_that_is_told_of_late_changes_what_it_took() -> None:
    assert running((0, "started"), (2, "paused"), (10, "finished"), (6, "resumed"))[0] == [6]


def test_pauses_after_an_end_that_comes_before_the_beginning_count_against() -> None:
    said = ((0, "finished"), (2, "waiting"), (4, "resumed"), (20, "note"), (30, "started"))
    assert running(*said, of="standing")[0] == [-28]


def test_a_pause_that_is_kept_is_still_known_as_dropped() -> None:
    """Otherwise the next one, a little later, would go on with it."""

    def kept() -> None:
        before = ((0, "started"), (1, "paused"), (3, "resumed"), (4, "reopened"), (10, "note"))
        assert running(*before, (7, "paused"), (9, "resumed"), (32, "note"), body="shared", of="rested")[0] == [2]

    kept()
    with broken(("kpi.entities.states.episodes.Episode.drops_after", lambda _, __, mask: mask)):
        kept()


def test_pauses_that_lie_in_nothing_are_not_kept() -> None:
    pauses = [(time + more, word) for time in range(0, 40, 4) for more, word in ((0, "paused"), (1, "resumed"))]
    assert running(*pauses, (60, "note"))[1] == 2, "how its life began, and the last that was heard"
    assert running((0, "started"), (1, "finished"), *pauses[2:], (60, "note"))[1] == 3, "and what finished it"
