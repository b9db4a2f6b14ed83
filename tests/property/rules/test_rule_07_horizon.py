"""Rule 7: settle and release by the horizon, never by the watermark."""

import pytest

from kpi.entities.store import EntityStore
from kpi.tasks.task import Task
from tests.property.rules.breaking import broken
from tests.property.rules.desk import at, ordered, settled_at_once, values
from tests.property.rules.shop import resolved_at, ticket

LATENESS = 6
SETTLE = EntityStore.forget


def a_resolution_that_may_still_be_reopened() -> None:
    """The opening at 7 comes late but is allowed, and within the 7 that a resolution has to last."""
    log = [at(0, "1", "opened", "b"), at(0, "2", "resolved", "b"), at(8, "3", "note"), at(7, "4", "opened", "b")]
    assert values(settled_at_once("resolution", log, LATENESS), "resolution") == []


def an_order_before_the_first_one() -> None:
    log = [ordered(5, "1", "abroad"), ordered(6, "3", "home", "b"), ordered(3, "2", "home")]
    assert values(settled_at_once("customer", log, LATENESS), "new_customer") == [(3, ("home",), 1), (6, ("home",), 1)]


def a_record_exactly_at_the_horizon() -> None:
    log = [ordered(5, "1", "abroad"), ordered(11, "2", "home", "b"), ordered(5, "0", "home")]
    assert (5, ("home",), 1) in values(settled_at_once("customer", log, LATENESS), "new_customer")


def by_the_watermark(store: EntityStore, horizon: int) -> None:
    SETTLE(store, horizon + LATENESS)


def one_later(store: EntityStore, horizon: int) -> None:
    SETTLE(store, horizon + 1)


def test_a_resolution_that_may_still_be_reopened_is_not_released() -> None:
    a_resolution_that_may_still_be_reopened()
    with broken(("kpi.entities.store.EntityStore.forget", by_the_watermark)):
        a_resolution_that_may_still_be_reopened()


def test_what_is_younger_than_the_horizon_is_not_settled() -> None:
    an_order_before_the_first_one()
    with broken(("kpi.entities.store.EntityStore.forget", by_the_watermark)):
        an_order_before_the_first_one()


def test_a_record_exactly_at_the_horizon_is_not_older() -> None:
    a_record_exactly_at_the_horizon()
    with broken(("kpi.entities.store.EntityStore.forget", one_later)):
        a_record_exactly_at_the_horizon()


LOG = [
    ticket("1", 0, "opened", "b"),
    ticket("2", 0, "resolved", "b"),
    ticket("3", 8, "note"),
    ticket("4", 7, "opened", "b"),
]


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_a_task_settles_by_its_horizon(batch: int) -> None:
    def check() -> None:
        assert resolved_at(LOG, batch=batch) == []

    check()
    if batch < len(LOG):  # in a single batch nothing is settled in between
        with broken(("kpi.tasks.task.Task.horizon", Task.watermark)):
            check()
