"""Rule 12: panes, entities and progress in one transaction."""

from collections.abc import Sequence

import pytest

from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.task import Task
from schemas.wire import Base, Claim, EntityBlock, Progress, Record, Rows
from tests.property.rules.breaking import broken
from tests.property.rules.shop import minutes, of_orders, of_tickets, order, ticket

FEED = CommittedFlushes.feed
RESTORE = Task.restore


def one_event() -> None:
    """Its panes were written, and then there was a crash."""
    simulated = of_orders([order("1", 0)])
    simulated.take(1)
    simulated.torn_flush()
    simulated.drain()
    assert minutes(simulated, "orders") == {0: (1, 1)}


def a_reply_after_a_restart() -> None:
    """Answered after its ticket was read back: it belongs to what was opened before."""
    simulated = of_tickets([ticket("1", 0, "opened"), ticket("2", 8, "replied")])
    for _ in simulated.raws:
        simulated.take(1)
        simulated.flush()
        simulated.start()
    assert minutes(simulated, "answers") == {8: (1, 1)}
    progress = simulated.progress()
    assert progress is not None
    assert progress.topics[simulated.topic].fates["aggregated"] == 2


def a_reply_in_a_torn_flush() -> None:
    """Taken again after the crash, it meets the entity as it was before."""
    simulated = of_tickets([ticket("1", 0, "opened"), ticket("2", 8, "replied"), ticket("3", 9, "replied")])
    simulated.take(1)
    simulated.flush()
    simulated.take(1)
    simulated.torn_flush()
    simulated.drain()
    assert minutes(simulated, "answers") == {8: (1, 1)}


def record_by_record(_: CommittedFlushes, record: Record) -> list[Record]:
    """Each counts as soon as it is written."""
    return [] if isinstance(record, Claim) else [record]


def panes_alone(flushes: CommittedFlushes, record: Record) -> list[Record]:
    """Panes count as soon as they are written, entities and progress with the whole of their flush."""
    counted = FEED(flushes, record)
    return [record] if isinstance(record, Rows | Base) else [one for one in counted if not isinstance(one, Rows | Base)]


def entities_alone(flushes: CommittedFlushes, record: Record) -> list[Record]:
    counted = FEED(flushes, record)
    return [record] if isinstance(record, EntityBlock) else [one for one in counted if not isinstance(one, EntityBlock)]


def test_a_flush_counts_as_a_whole_or_not_at_all() -> None:
    one_event()
    for variant in (record_by_record, panes_alone):
        with broken(("kpi.tasks.replay.CommittedFlushes.feed", variant)):
            one_event()
    a_reply_in_a_torn_flush()
    for variant in (panes_alone, entities_alone):
        with broken(("kpi.tasks.replay.CommittedFlushes.feed", variant)):
            a_reply_in_a_torn_flush()


@pytest.mark.parametrize("left_out", [Rows, EntityBlock, Progress])
def test_all_of_a_flush_is_read_back(left_out: type[Record]) -> None:
    def partly(task: Task, records: Sequence[Record]) -> None:
        RESTORE(task, [record for record in records if not isinstance(record, left_out)])

    a_reply_after_a_restart()
    with broken(("kpi.tasks.task.Task.restore", partly)):
        a_reply_after_a_restart()
