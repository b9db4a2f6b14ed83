"""What lies behind the position of a topic from which nothing comes."""

import pytest

from services.aggregator.catching_up import DROPPED_SECONDS, QUIET_SECONDS, catch_up
from services.aggregator.owned import OwnedTask, Recovered
from tests.unit.aggregator.keeping import CALLS, HeldFlow, Keeping


async def caught_up(keeping: Keeping, now: float) -> None:
    """The look at a moment; nothing has come since 0."""
    await catch_up(keeping.owned, keeping.task, keeping.holdings, keeping.flow, now)


def behind(*offsets: int) -> Keeping:
    """A task that was read up to 100, of a log that ends at 120 and holds records at these offsets."""
    keeping = Keeping(HeldFlow(offsets), position=100)
    keeping.source.end = 120
    return keeping


async def test_markers_are_skipped() -> None:
    keeping = behind()
    await caught_up(keeping, QUIET_SECONDS - 0.1)
    assert keeping.source.position == 100
    await caught_up(keeping, QUIET_SECONDS)
    assert (keeping.source.position, keeping.flow.sought) == (120, [])


async def test_records_that_do_not_come_are_asked_for_again_and_again() -> None:
    keeping = behind(110)
    await caught_up(keeping, DROPPED_SECONDS - 0.1)
    assert keeping.flow.sought == []
    await caught_up(keeping, DROPPED_SECONDS)
    await caught_up(keeping, DROPPED_SECONDS + 0.1)
    assert (keeping.source.position, keeping.flow.sought) == (100, [{CALLS: 100}])
    await caught_up(keeping, 2 * DROPPED_SECONDS)
    assert keeping.flow.sought == [{CALLS: 100}] * 2


async def test_markers_behind_records_that_came_are_skipped() -> None:
    keeping = behind(*range(100, 110))
    await caught_up(keeping, QUIET_SECONDS)
    keeping.source.position = 110
    await caught_up(keeping, QUIET_SECONDS)
    assert (keeping.source.position, keeping.flow.sought) == (120, [])


@pytest.mark.parametrize("why", ["throttled", "another reader is recovered", "the group hands out"])
async def test_what_is_paused_on_purpose_stays_so(why: str) -> None:
    keeping = behind(110)
    keeping.owned.throttled = why == "throttled"
    keeping.flow.rebalancing = why == "the group hands out"
    if why == "another reader is recovered":
        keeping.holdings.put([OwnedTask("other/0", "other", 0, (CALLS,))])
    await caught_up(keeping, DROPPED_SECONDS)
    assert keeping.flow.sought == []


async def test_no_reader_loses_by_what_another_asks_for() -> None:
    keeping, other = behind(110), Keeping(HeldFlow(), position=90)
    owned = OwnedTask("other/0", "other", 0, (CALLS,))
    owned.begin(Recovered(other.task, other.writer), 0.0)
    keeping.holdings.put([owned])
    await caught_up(keeping, DROPPED_SECONDS)
    assert keeping.flow.sought == [{CALLS: 90}]


async def test_where_nobody_answers_it_is_asked_again() -> None:
    keeping = behind()
    keeping.flow.broken = True
    await caught_up(keeping, QUIET_SECONDS)
    assert keeping.source.position == 100
    keeping.flow.broken = False
    await caught_up(keeping, QUIET_SECONDS)
    assert keeping.source.position == 120
