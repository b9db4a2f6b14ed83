"""Which tasks follow from what the group hands out; what no task would read is refused, and not dropped in silence."""

import pytest
from faust.types import TP

from kpi.planning import plan
from services.aggregator.membership import check_declared, possible_tasks
from services.runtime.catalogue import load
from services.runtime.topics import TopicMismatch

PLAN = plan(load([], packs=("sales",)))
UNIT = PLAN.units["sales.call"]


def test_a_task_needs_all_topics_of_its_partition() -> None:
    both = {TP(topic, number) for topic in UNIT.topics for number in (0, 1)}
    check_declared(PLAN, both)
    assert [owned.name for owned in possible_tasks(PLAN, both)] == ["sales.call/0", "sales.call/1"]
    assert [owned.name for owned in possible_tasks(PLAN, both - {TP(UNIT.topics[1], 1)})] == ["sales.call/0"]


def test_a_partition_beyond_the_declared_is_refused() -> None:
    beyond = {TP(topic, UNIT.partitions) for topic in UNIT.topics}
    with pytest.raises(TopicMismatch, match=f"sales.call.v1 has {UNIT.partitions + 1}, declared are {UNIT.partitions}"):
        check_declared(PLAN, beyond)
