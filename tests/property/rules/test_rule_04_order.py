"""Rule 4: a total order inside an entity that arrival cannot change: time, voids last, source, id."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from kpi.entities import order
from kpi.entities.blocks import Column
from kpi.entities.corrections import Standing, standing
from kpi.entities.histories import Integers, Mask
from tests.property.bodies.engine import Driven
from tests.property.rules.breaking import broken
from tests.property.rules.desk import AMENDED, accepted, at, ordered, settled_at_once, values

MARKETS: Mapping[str, str] = {"1": "home", "2": "abroad"}


def ties(log: Sequence[str]) -> None:
    """Two orders of one millisecond in two markets, of which one is the first ever."""
    driven = settled_at_once("customer", [ordered(0, id_, MARKETS[id_]) for id_ in log], 9)
    assert values(driven, "new_customer") == [(0, ("home",), 1)]


def ties_in_one_batch() -> None:
    driven = Driven("customer", accepted([ordered(0, "2", "abroad"), ordered(0, "1", "home")], 9))
    driven.take(2)
    assert values(driven, "new_customer") == [(0, ("home",), 1)]


def a_void_comes_last() -> None:
    """A void that arrived before what it voids, in the same millisecond, and whose id comes first."""
    opened, replied = at(0, "1", "opened", stream=AMENDED), at(4, "2", "replied", stream=AMENDED)
    driven = settled_at_once("amended", [opened, at(4, "0", "note", stream=AMENDED, voids="2"), replied], 2)
    assert values(driven, "response") == []


def by_arrival(*_: object) -> None:
    """Ties stay as they came."""


@pytest.mark.parametrize("log", [["1", "2"], ["2", "1"]])
def test_ties_are_ordered_by_source_and_id(log: list[str]) -> None:
    ties(log)


def test_ties_ordered_by_arrival_are_found() -> None:
    ties_in_one_batch()
    a_void_comes_last()
    with broken(("kpi.entities.order._part", by_arrival)):
        ties(["2", "1"])
    with broken(("kpi.entities.order._part", by_arrival)):
        ties_in_one_batch()


def test_voids_that_do_not_come_last_are_found() -> None:
    part = order._part

    def by_id_alone(order: Integers, same: Mask, void: Mask, *texts: Any) -> None:
        part(order, same, void & False, *texts)

    def as_read(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
        """What is said of a record is heard only if it stands after it."""
        named = standing(owner, columns, horizon).target
        target = np.where(named > np.arange(len(owner)), np.uint64(0), columns["target"])
        return standing(owner, {**columns, "target": target}, horizon)

    a_void_comes_last()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kpi.entities.settling.standing", as_read)
        a_void_comes_last()
        with broken(("kpi.entities.order._part", by_id_alone)):
            a_void_comes_last()
