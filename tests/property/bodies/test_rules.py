"""The rules that keep entities equal to a batch job, each with the smallest log that tells when it is broken.

Every log is run record by record, settled and forgotten after each, through a flush and a new owner.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.oracle.bodies import SECOND_DAY
from tests.oracle.events import Arrival, Event, arrivals
from tests.oracle.windows.bodies import WINDOWS
from tests.property.bodies.catalogue import declared
from tests.property.bodies.engine import Driven
from tests.property.bodies.tallies import cells, stepped, tally

START, END = SECOND_DAY - 100, SECOND_DAY + 100
TICKET = "desk.ticket"
AMENDED = "desk.amended"


def at(time: int, id_: str, action: str, key: str = "a", *, stream: str = TICKET, **said: Any) -> Event:
    """A record of a ticket, `time` milliseconds after the second day began."""
    fields = {"ticket_id": key, "action": action, "team": said.pop("team", "north")}
    return Event(SECOND_DAY + time, bool(said), "s", id_, (key,), stream, fields, **said)


def ordered(time: int, id_: str, market: str, key: str = "a") -> Event:
    """An order of a customer."""
    fields = {"customer_id": key, "order_id": id_, "action": "placed", "market": market, "amount": 1}
    return Event(SECOND_DAY + time, False, "s", id_, (key,), "trade.order", fields)


def accepted(log: Sequence[Event], lateness: int) -> list[Arrival]:
    """All of the log, which must be in time."""
    found = arrivals(log, {log[0].stream: (0, lateness)})
    assert len(found) == len(log), "this log is meant to be accepted as a whole"
    return found


def settled_at_once(body: str, log: Sequence[Event], lateness: int) -> Driven:
    """After every record: settled, forgotten, flushed and taken over; equal to both oracles each time."""
    driven = Driven(body, accepted(log, lateness))
    for _ in log:
        driven.take(1)
        driven.forget()
        driven.flush()
        driven.start()
        driven.forget()
        driven.flush()
        assert tally(driven.signed) == tally(stepped(body, driven.events))
        assert cells(driven.signed, START, END) == WINDOWS[body](driven.events, START, END)
    return driven


def values(driven: Driven, contribution: str) -> list[tuple[int, tuple[Any, ...], int]]:
    """(milliseconds after the second day began, dimensions, value) of what stands of a contribution."""
    standing = tally(signed for signed in driven.signed if signed.contribution == contribution)
    assert set(standing.values()) <= {1}
    return sorted((time - SECOND_DAY, dimensions, value) for _, time, dimensions, value in standing)


@pytest.mark.parametrize("log", [["1", "2"], ["2", "1"]])
def test_rule_4_ties_are_ordered_by_source_and_id_not_by_arrival(log: list[str]) -> None:
    markets = {"1": "home", "2": "abroad"}
    driven = settled_at_once("customer", [ordered(0, id_, markets[id_]) for id_ in log], 9)
    assert values(driven, "new_customer") == [(0, ("home",), 1)]


def test_rule_4_ties_in_one_batch() -> None:
    driven = Driven("customer", accepted([ordered(0, "2", "abroad"), ordered(0, "1", "home")], 9))
    driven.take(2)
    assert values(driven, "new_customer") == [(0, ("home",), 1)]


def test_rule_7_a_resolution_that_may_still_be_reopened_is_not_released() -> None:
    log = [at(0, "1", "opened", "b"), at(0, "2", "resolved", "b"), at(8, "3", "note"), at(7, "4", "opened", "b")]
    driven = settled_at_once("resolution", log, 6)
    assert values(driven, "resolution") == []


def test_rule_7_what_is_younger_than_the_horizon_is_not_settled() -> None:
    driven = settled_at_once("customer", [ordered(5, "1", "abroad"), ordered(3, "2", "home")], 6)
    assert values(driven, "new_customer") == [(3, ("home",), 1)]


def test_rule_7_a_record_exactly_at_the_horizon_is_not_older() -> None:
    driven = settled_at_once(
        "customer", [ordered(5, "1", "abroad"), ordered(11, "2", "home", "b"), ordered(5, "0", "home")], 6
    )
    assert (5, ("home",), 1) in values(driven, "new_customer")


def test_rule_8_done_is_not_forgotten() -> None:
    log = [
        at(0, "1", "opened"),
        at(0, "2", "replied"),
        at(10, "3", "note", "b"),
        at(14, "4", "replied"),
        at(15, "5", "opened"),
        at(16, "6", "replied"),
    ]
    driven = settled_at_once("response", log, 0)
    assert values(driven, "response") == [(0, ("north", "north"), 0)]


@pytest.mark.parametrize(("again", "lives"), [(20, 1), (21, 2)])
def test_rule_8_a_key_that_was_silent_for_longer_than_declared_starts_anew(again: int, lives: int) -> None:
    log = [at(0, "1", "opened"), at(0, "2", "replied"), at(again, "3", "opened"), at(again + 1, "4", "replied")]
    driven = settled_at_once("response", log, 0)
    assert len(values(driven, "response")) == lives


def test_rule_8_what_is_silent_is_forgotten() -> None:
    log = [at(0, "1", "opened"), at(0, "2", "replied"), at(21, "3", "note", "b")]
    assert len(settled_at_once("response", log, 0).store) == 1


def test_rule_8_an_opening_long_ago_is_not_forgotten_while_the_key_is_heard_of() -> None:
    log = [at(0, "1", "opened"), *(at(15 * n, f"n{n}", "note") for n in range(1, 5)), at(70, "9", "replied")]
    assert values(settled_at_once("response", log, 0), "response") == [(70, ("north", "north"), 70)]


@pytest.mark.parametrize(("resolved", "expected"), [(4, [(4, 5), (20, 8)]), (10, [(20, 21)])])
def test_rule_9_first_last_and_count_do_not_tell(resolved: int, expected: list[tuple[int, int]]) -> None:
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


def test_rule_9_a_reopening_far_behind_in_a_settled_history() -> None:
    log = [at(0, "1", "opened"), at(1, "2", "resolved"), at(8, "3", "reopened"), at(8, "4", "resolved")]
    driven = settled_at_once("resolution", log, 0)
    assert values(driven, "resolution") == [(8, ("north",), 8)]
    assert values(driven, "first_contact") == [(8, (), 0)]


def test_rule_13_another_definition_does_not_take_over() -> None:
    log = [at(0, "1", "opened"), at(1, "2", "resolved"), at(6, "3", "reopened"), at(7, "4", "resolved")]
    driven = Driven("resolution", accepted(log, 9))
    driven.take(3)
    driven.flush()
    states = {name: state.model_copy(update={"within": 2}) for name, state in driven.entity.states.items()}
    driven.start()
    assert len(driven.store) == 1
    driven.entity = driven.entity.model_copy(update={"states": states})
    driven.start()
    assert len(driven.store) == 0


def test_rule_15_a_dimension_is_the_value_at_the_moment_not_the_latest() -> None:
    log = [
        at(0, "1", "opened", team="south"),
        at(5, "2", "replied", team="north"),
        at(20, "3", "note", "b"),
        at(25, "4", "note", team="south"),
    ]
    driven = settled_at_once("response", log, 2)
    assert values(driven, "response") == [(5, ("north", "south"), 5)]
    before = driven.signed[-1]
    assert before.time < SECOND_DAY + 25


def test_rule_15_a_level_is_taken_back_where_it_was_given() -> None:
    log = [at(0, "1", "opened", team="south"), at(5, "2", "resolved", team="north")]
    driven = settled_at_once("resolution", log, 2)
    assert cells(driven.signed, SECOND_DAY, SECOND_DAY + 10)["backlog"] == {("south",): (0, 5)}


def _amended(*log: Event) -> list[tuple[int, tuple[Any, ...], int]]:
    return values(settled_at_once("amended", log, 2), "response")


def test_rule_16_an_event_waits_for_what_is_said_of_it_longer_than_for_late_ones() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(0, "2", "replied", stream=AMENDED)
    other = at(3, "3", "opened", "b", stream=AMENDED)
    assert _amended(opened, replied, other, at(3, "4", "note", stream=AMENDED, voids="2")) == []


@pytest.mark.parametrize(("said", "left"), [(12, 0), (13, 1)])
def test_rule_16_a_void_is_heard_up_to_the_horizon(said: int, left: int) -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(0, "2", "replied", stream=AMENDED)
    assert len(_amended(opened, replied, at(said, "3", "note", stream=AMENDED, voids="2"))) == left


def test_rule_16_a_correction_counts_at_the_time_of_what_it_corrects() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    corrected = at(9, "3", "replied", stream=AMENDED, corrects="2", team="south")
    assert _amended(opened, replied, corrected) == [(4, ("south",), 4)]


def test_rule_16_the_last_correction_wins_and_a_void_is_final() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    first = at(6, "4", "replied", stream=AMENDED, corrects="2", team="south")
    last = at(6, "5", "replied", stream=AMENDED, corrects="2", team="north")
    assert _amended(opened, replied, last, first) == [(4, ("north",), 4)]
    assert _amended(opened, replied, at(6, "3", "note", stream=AMENDED, voids="2"), last) == []


def test_rule_16_a_void_in_the_same_millisecond_comes_last() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    assert _amended(opened, at(4, "0", "note", stream=AMENDED, voids="2"), replied) == []


def test_rule_16_whoever_voids_is_not_voided() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    void = at(5, "3", "note", stream=AMENDED, voids="2")
    assert _amended(opened, replied, void, at(6, "4", "note", stream=AMENDED, voids="3")) == []


def test_rule_16_an_opening_that_is_voided_takes_its_reply_along() -> None:
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    again = at(2, "3", "opened", stream=AMENDED)
    void = at(5, "4", "note", stream=AMENDED, voids="1")
    assert _amended(opened, again, replied, void) == [(4, ("north",), 2)]


def test_the_declarations_are_all_run() -> None:
    assert declared().entities.keys() == WINDOWS.keys()
