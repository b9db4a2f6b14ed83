"""How transactions that hang are told from those that are open, and who ends them."""

from collections.abc import Collection, Mapping

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from kpi.planning import plan
from schemas.topics import PANES
from services.aggregator.hanging import HANGING_SECONDS, Hanging, end_hanging, writes_to
from services.aggregator.write_behind import WriteBehind
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection
from tests.unit.aggregator.keeping import HeldFlow, HeldWriter, Keeping

PLAN = plan(load([], packs=("sales", "service")))
LETTERS, PANES_0 = TopicPartition("sales.call.dead.v1", 0), TopicPartition(PANES, 0)


class Told(Hanging):
    """Hears from the test where logs end: (committed, all)."""

    def __init__(self, ends: Mapping[TopicPartition, tuple[int, int]]) -> None:
        self.ends = dict(ends)
        self._open: dict[TopicPartition, tuple[int, float]] = {}

    async def _ends(self, isolation: str) -> dict[TopicPartition, int]:
        return {place: both[isolation == "read_uncommitted"] for place, both in self.ends.items()}


class Ending(HeldWriter):
    """Notes where transactions are ended."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.ended: list[list[TopicPartition]] = []
        self._error = error

    async def end(self, places: Collection[TopicPartition]) -> None:
        """See `FlushWriter`."""
        self.ended.append(list(places))
        if self._error is not None:
            raise self._error


async def test_what_stays_open_hangs() -> None:
    told = Told({LETTERS: (10, 12), PANES_0: (7, 7)})
    assert await told.check(0.0) == {}
    assert await told.check(HANGING_SECONDS - 0.1) == {}
    assert await told.check(HANGING_SECONDS) == {LETTERS: 10}


async def test_what_was_ended_in_between_does_not() -> None:
    told = Told({LETTERS: (10, 12)})
    await told.check(0.0)
    told.ends[LETTERS] = (14, 20)
    assert await told.check(HANGING_SECONDS) == {}
    told.ends[LETTERS] = (20, 20)
    assert await told.check(2 * HANGING_SECONDS) == {}
    told.ends[LETTERS] = (20, 21)
    assert await told.check(3 * HANGING_SECONDS) == {}


def ending(error: Exception | None = None) -> tuple[Keeping, Ending, WriteBehind]:
    """A task of sales calls with a writer that notes."""
    keeping, writer = Keeping(HeldFlow()), Ending(error)
    assert keeping.owned.recovered is not None
    keeping.owned.recovered.writer = writer
    return keeping, writer, keeping.write_behind


async def test_each_is_ended_once() -> None:
    keeping, writer, write_behind = ending()
    await end_hanging({LETTERS: 10}, keeping.holdings, PLAN, write_behind)
    await end_hanging({LETTERS: 10, PANES_0: 7}, keeping.holdings, PLAN, write_behind)
    await end_hanging({LETTERS: 11}, keeping.holdings, PLAN, write_behind)
    assert writer.ended == [[LETTERS], [PANES_0], [LETTERS]]


async def test_what_others_write_to_is_theirs() -> None:
    keeping, writer, write_behind = ending()
    others = {TopicPartition("support.ticket.v1", 0): 1, TopicPartition(PANES, 1): 1}
    await end_hanging(others, keeping.holdings, PLAN, write_behind)
    assert writer.ended == []


async def test_a_task_that_cannot_end_it_is_read_back() -> None:
    keeping, _, write_behind = ending(KafkaConnectionError())
    await end_hanging({LETTERS: 10}, keeping.holdings, PLAN, write_behind)
    assert keeping.regained.tasks == [keeping.owned.name]


@pytest.mark.parametrize(
    ("topic", "partition", "expected"),
    [
        # What lies on a wrong partition is moved, to any other.
        ("support.ticket.v1", 3, True),
        ("support.ticket.late.v1", 0, True),
        ("sales.call.v1", 0, False),
        (PANES, 1, True),
        (PANES, 0, False),
    ],
)
def test_tasks_write_to(topic: str, partition: int, *, expected: bool) -> None:
    assert writes_to(PLAN.units["ticket"], 1, TopicPartition(topic, partition)) is expected


async def test_all_that_is_written_to_is_watched() -> None:
    widths = {topic: 2 for unit in PLAN.units.values() for topic in unit.topics}
    widths |= {
        f"{stream}.{kind}.v1": 1 for unit in PLAN.units.values() for stream in unit.streams for kind in ("dead", "late")
    }
    watched = Hanging(KafkaConnection("127.0.0.1:9"), PLAN.units.values(), {**widths, PANES: 4})._places
    assert {place.topic for place in watched} == {*widths, PANES}
    assert sum(place.topic == PANES for place in watched) == 4
