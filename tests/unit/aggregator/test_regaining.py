"""A take-over goes before other tasks' writing, for a while."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from services.aggregator import regaining as module
from services.aggregator.measurements import Measurements
from services.aggregator.owned import OwnedTask, Recovered
from services.aggregator.refusing import Refusing
from services.aggregator.regaining import Regaining
from services.aggregator.take_over import TakeOver
from tests.unit.aggregator.keeping import TASK, HeldFlow, Keeping


class HeldTakeOver:
    """A take-over that succeeds when it may."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping, self.may = keeping, asyncio.Event()

    async def recover(self, tasks: Sequence[OwnedTask]) -> dict[str, Recovered]:
        """See `TakeOver`."""
        assert [owned.name for owned in tasks] == [TASK]
        await self.may.wait()
        return {TASK: Recovered(self._keeping.task, self._keeping.writer)}


def taking_over(delay: float = 0.0) -> tuple[Keeping, HeldTakeOver, Regaining]:
    """A task that is being taken over."""
    keeping = Keeping(HeldFlow())
    keeping.owned.recovered = None
    held = HeldTakeOver(keeping)
    regaining = Regaining(keeping.regained._holdings, keeping.flow, cast("TakeOver", held), Refusing(), Measurements())
    regaining.take_over([keeping.owned], delay)
    return keeping, held, regaining


async def test_writing_waits_until_the_task_is_taken() -> None:
    keeping, held, regaining = taking_over()
    waiting = asyncio.ensure_future(regaining.taken())
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    held.may.set()
    await waiting
    assert keeping.owned.recovered is not None


async def test_writing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.0)
    keeping, held, regaining = taking_over()
    await regaining.taken()
    assert keeping.owned.recovered is None
    await asyncio.sleep(0)
    await regaining.taken()
    held.may.set()
    await asyncio.gather(*regaining._jobs)


async def test_nothing_is_waited_for_where_nothing_is_taken_over() -> None:
    _, held, regaining = taking_over()
    held.may.set()
    await asyncio.gather(*regaining._jobs)
    await regaining.taken()


async def test_nothing_is_waited_for_where_a_take_over_is_tried_again() -> None:
    keeping, held, regaining = taking_over(delay=0.01)
    await regaining.taken()
    assert keeping.owned.recovered is None
    held.may.set()
    await asyncio.gather(*regaining._jobs)
