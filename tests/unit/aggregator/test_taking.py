"""Batches that come out of turn: before the position, or behind a gap."""

import pytest

from kpi.tasks.refusals import CannotContinue
from kpi.tasks.source import RawBatch
from services.aggregator import taking, write_behind
from tests.unit.aggregator.keeping import CALLS, HeldFlow, Keeping


async def test_what_was_taken_is_passed_over_and_what_follows_asked_for_once() -> None:
    keeping = Keeping(HeldFlow(), position=100)
    await keeping.take(10)
    await keeping.take(20)
    assert keeping.flow.sought == [{CALLS: 100}]
    await keeping.take(95)
    assert (keeping.source.position, keeping.source.consumed) == (105, 5)


async def test_records_that_were_dropped_are_asked_for_again() -> None:
    keeping = Keeping(HeldFlow(range(200)), position=100)
    await keeping.take(120)
    assert (keeping.source.position, keeping.flow.sought) == (100, [{CALLS: 100}])
    await keeping.take(100)
    assert keeping.source.position == 110


async def test_what_is_lost_on_its_way_is_noticed_at_any_time() -> None:
    keeping = Keeping(HeldFlow(range(200)), position=100)
    await keeping.take(100)
    await keeping.take(115, after=115)
    assert (keeping.source.position, keeping.flow.sought) == (110, [{CALLS: 110}])
    await keeping.take(110)
    assert keeping.source.position == 120


async def test_markers_are_no_hole() -> None:
    keeping = Keeping(HeldFlow(range(200)), position=100)
    # In front, between and behind: what is fetched on end has nothing that is missing.
    await keeping.take(103, after=100, stop=115)
    await keeping.take(117, after=115)
    assert (keeping.source.position, keeping.source.consumed, keeping.flow.sought) == (127, 20, [])


async def test_a_hole_in_the_log_is_stepped_over() -> None:
    keeping = Keeping(HeldFlow(range(105, 200)), position=100)
    await keeping.take(105)
    assert (keeping.source.position, keeping.source.lost) == (115, 0)


async def test_what_retention_removed_first_is_counted() -> None:
    keeping = Keeping(HeldFlow(range(130, 200), start=130), position=100)
    await keeping.take(130)
    assert (keeping.source.position, keeping.source.lost) == (140, 30)
    # While it is read, too.
    keeping.flow.start = 150
    await keeping.take(150, after=140)
    assert (keeping.source.position, keeping.source.lost) == (160, 40)


async def test_what_was_gone_before_the_first_look_is_none_of_ours() -> None:
    keeping = Keeping(HeldFlow(range(130, 200), start=130))
    await keeping.take(130)
    assert (keeping.source.position, keeping.source.lost) == (140, 0)


async def test_a_gap_that_nobody_explains_is_asked_for_again() -> None:
    keeping = Keeping(HeldFlow(range(130, 200), start=130), position=100)
    keeping.flow.broken = True
    await keeping.take(130)
    assert (keeping.source.position, keeping.source.lost, keeping.flow.sought) == (100, 0, [{CALLS: 100}])


async def test_a_gap_after_a_rebalance_means_that_somebody_else_had_the_task() -> None:
    keeping = Keeping(HeldFlow(range(200)))
    await keeping.take(0)
    await keeping.write_behind.flush_all()
    keeping.owned.keep(0.0)
    await keeping.take(30)
    assert (keeping.source.position, keeping.regained.tasks) == (10, [keeping.owned.name])


async def test_a_task_without_state_takes_nothing() -> None:
    keeping = Keeping(HeldFlow())
    keeping.owned.recovered = None
    await keeping.take(0)
    assert (keeping.source.position, keeping.flow.paused) == (0, {CALLS})


async def test_fetching_pauses_while_too_much_is_unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "EARLY_RECORDS", 15)
    monkeypatch.setattr(taking, "MOST_RECORDS", 25)
    monkeypatch.setattr(write_behind, "MOST_RECORDS", 25)
    keeping = Keeping(HeldFlow())
    keeping.writer.confirm.clear()
    await keeping.take(0)
    assert not keeping.taking.early.is_set()
    keeping.write_behind.begin_all()
    await keeping.take(10)
    assert keeping.taking.early.is_set()
    assert not keeping.flow.paused
    await keeping.take(20)
    assert keeping.flow.paused == set(keeping.owned.partitions)
    # A rebalance ends every pause, but not the reason for this one.
    keeping.flow.paused.clear()
    await keeping.take(30)
    assert keeping.flow.paused == set(keeping.owned.partitions)
    assert keeping.owned.unwritten == 40

    keeping.writer.confirm.set()
    await keeping.write_behind.flush_all()
    assert (keeping.owned.unwritten, keeping.flow.paused) == (0, set())


async def test_handing_over_does_not_wait_for_a_dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_behind, "HAND_OVER_SECONDS", 0.05)
    keeping = Keeping(HeldFlow())
    keeping.writer.confirm.clear()
    await keeping.take(0)
    await keeping.write_behind.flush_all()
    assert keeping.owned.unwritten == 10
    # It goes on by itself, and the next one waits for it.
    keeping.writer.confirm.set()
    await keeping.write_behind.flush_all()
    assert keeping.owned.unwritten == 0


async def test_what_cannot_be_taken_by_anybody_is_refused_and_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(*_: object) -> None:
        raise CannotContinue("the keys have moved")

    keeping = Keeping(HeldFlow())
    monkeypatch.setattr(keeping.task, "take", take)
    await keeping.take(0)
    assert keeping.refusing.reason == "the keys have moved"
    assert (keeping.regained.tasks, keeping.flow.paused) == ([], set(keeping.owned.partitions))


async def test_what_was_half_taken_when_it_was_refused_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = Keeping(HeldFlow())
    taken = keeping.task.take

    def take(topic: str, batch: RawBatch) -> None:
        taken(topic, batch)
        raise CannotContinue("the last record is of a later version")

    monkeypatch.setattr(keeping.task, "take", take)
    await keeping.take(0)
    await keeping.write_behind.flush_all()
    assert keeping.writer.flushes == []
