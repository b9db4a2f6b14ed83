"""Lanes of one key: each is kept by itself, and knows of the others no more than it may."""

import pytest

from tests.oracle.events import Event
from tests.property.bodies.tallies import cells
from tests.property.rules.breaking import broken
from tests.property.rules.desk import END, START, of_order, settled_at_once

Cells = dict[tuple[object, ...], tuple[int, int]]


def said(time: int, id_: str, action: str, order: str = "o", market: str = "home") -> Event:
    """What is said of an order of the customer."""
    event = of_order(time, id_, action, 5, market, key=order)
    return event._replace(key=event.key[:1])


def basket(contribution: str, *log: Event) -> Cells:
    """By dimension values: how often, and the values added up."""
    return cells(settled_at_once("basket", log, 0).signed, START, END).get(contribution, {})


def elsewhere(time: int, id_: str) -> Event:
    """Something that another customer says, so that all before it is settled."""
    event = said(time, id_, "note")
    return event._replace(key=("b",), fields={**event.fields, "customer_id": "b"})


def test_a_lane_that_holds_nothing_has_nothing_to_clear() -> None:
    log = [said(0, "1", "placed", "p"), said(1, "2", "placed"), said(3, "3", "cancelled"), said(18, "4", "note", "p")]
    assert basket("placed", *log, elsewhere(23, "5"), said(24, "6", "cancelled")) == {("home", "home"): (1, 5)}


def test_what_was_set_before_a_lane_began_may_be_forgotten() -> None:
    log = [said(1, "2", "placed", "p"), said(20, "3", "note", "p")]
    found = basket("placed", *log, said(21, "4", "cancelled", market="abroad"))
    assert found == {("home", "home"): (1, 5), ("abroad", "home"): (-1, -5)}


@pytest.mark.parametrize("lane", ["o", "p"])
def test_what_follows_may_be_said_in_any_lane(lane: str) -> None:
    log = [said(0, "1", "placed"), said(1, "2", "cancelled"), said(3, "3", "note", lane), elsewhere(5, "4")]
    assert basket("closed", *log) == {("o", "1"): (1, 0)}
    again = [said(6, "5", "placed"), said(9, "6", "cancelled"), elsewhere(15, "7")]
    assert basket("closed", *log, *again) == {("o", "0"): (1, int(lane == "o"))}


def a_state_that_is_set_after_the_moment() -> None:
    """The first order that stands comes after a cancellation that counts by itself."""
    log = [said(0, "1", "cancelled", market="abroad"), said(4, "2", "placed", "p")]
    assert basket("placed", *log) == {("abroad", None): (-1, -5), ("home", "home"): (1, 5)}


def test_other_states_are_read_as_they_stood_at_the_moment() -> None:
    a_state_that_is_set_after_the_moment()
    with broken(("kpi.entities.contributions.offered", lambda *_: set())):
        a_state_that_is_set_after_the_moment()
