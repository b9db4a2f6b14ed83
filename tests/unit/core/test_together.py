"""What tasks have written together is taken over together."""

from collections.abc import Sequence

from kpi.tasks.together import WAIT_MS, Together, Whole
from schemas.wire import Claim, Progress, Record, Rows, encode
from services.api.assembly import Assembly


def flush(task: str, number: int, together: tuple[str, int] | None = None) -> Progress:
    return Progress(task, "a", number, 0, {}, together=together)


def fed(together: Together, *flushes: Progress, at: int = 1000) -> list[tuple[str, int]]:
    found: list[Record] = []
    for place, each in enumerate(flushes):
        found += together.feed(Whole([each], (0, place)), at)
    return named(found)


def named(records: Sequence[Record]) -> list[tuple[str, int]]:
    return [(record.task, record.flush) for record in records if isinstance(record, Progress)]


def test_nothing_is_held_back_without_a_rebuild() -> None:
    assert fed(Together(), flush("u/0", 1), flush("u/1", 1)) == [("u/0", 1), ("u/1", 1)]


def test_all_tasks_are_waited_for_and_what_follows_waits_behind() -> None:
    together = Together()
    assert fed(together, flush("u/0", 5, ("r", 2)), flush("u/0", 6), flush("v/0", 1)) == [("v/0", 1)]
    assert sorted(together.places()) == [(0, 0)]
    assert sorted(fed(together, flush("u/1", 9, ("r", 2)))) == [("u/0", 5), ("u/0", 6), ("u/1", 9)]
    assert not list(together.places())
    assert fed(together, flush("u/0", 7)) == [("u/0", 7)]


def test_a_later_rebuild_waits_for_its_own_tasks() -> None:
    together = Together()
    assert not fed(together, flush("u/0", 5, ("r", 2)), flush("u/0", 6, ("s", 2)), flush("u/0", 7))
    assert sorted(fed(together, flush("u/1", 5, ("r", 2)))) == [("u/0", 5), ("u/1", 5)]
    assert sorted(fed(together, flush("u/1", 6, ("s", 2)))) == [("u/0", 6), ("u/0", 7), ("u/1", 6)]


def test_a_later_rebuild_brings_what_an_earlier_one_left_behind() -> None:
    together = Together()
    assert not fed(together, flush("u/0", 5, ("r", 2)), flush("u/0", 6, ("s", 2)))
    assert sorted(fed(together, flush("u/1", 6, ("s", 2)))) == [("u/0", 5), ("u/0", 6), ("u/1", 6)]


def test_what_does_not_come_is_not_waited_for_for_ever() -> None:
    together = Together()
    assert not fed(together, flush("u/0", 5, ("r", 2)), flush("u/0", 6), at=1000)
    assert together.expire(1000 + WAIT_MS - 1) == ([], [])
    late, records = together.expire(1000 + WAIT_MS)
    assert (late, named(records)) == (["r"], [("u/0", 5), ("u/0", 6)])
    assert fed(together, flush("u/0", 7)) == [("u/0", 7)]


def rows(task: str, flush_number: int) -> Rows:
    return Rows(task, "g", "1m", 0, 60_000, 0, "a", flush_number, {}, None, {"c": [1]}, [], 0)


def test_what_is_held_back_is_read_again_after_a_restart() -> None:
    assembly = Assembly(transactional=True, positions={})
    log: list[Record] = [
        Claim("u/0", "a", 0),
        rows("u/0", 1),
        flush("u/0", 1, ("r", 2)),
        rows("u/4", 1),
        flush("u/4", 1),
    ]
    for offset, record in enumerate(log):
        assembly.feed(0, offset, *encode(record), 1000)
    records, positions = assembly.take()
    assert ([record.task for record in records], positions) == (["u/4", "u/4"], {0: 1})
    assembly.feed(1, 0, *encode(flush("u/1", 1, ("r", 2))), 1000)
    records, positions = assembly.take()
    assert [record.task for record in records if isinstance(record, Rows)] == ["u/0"]
    assert positions == {0: 5, 1: 1}
    assert assembly.heard(10**9) == []
