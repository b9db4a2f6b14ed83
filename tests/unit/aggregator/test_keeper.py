"""Handing over: the group is told where each task stands, as far as it listens."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from faust.types import TP

from services.aggregator import keeper as module
from services.aggregator.keeper import Keeper, KeeperOptions
from services.aggregator.measurements import Measurements
from services.aggregator.take_over import Definitions
from services.runtime.kafka import KafkaConnection
from tests.unit.aggregator.keeping import CALLS, HeldFlow, Keeping


class ToldFlow(HeldFlow):
    """A group that is told of places, and may not listen."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Mapping[TP, int]] = []
        self.listens = asyncio.Event()

    async def hint(self, positions: Mapping[TP, int]) -> None:
        """See `Flow`."""
        self.told.append(positions)
        await self.listens.wait()


async def holding(flow: ToldFlow) -> tuple[Keeping, Keeper]:
    """A keeper of a task that has taken ten records."""
    keeping: Keeping = Keeping(flow)
    definitions: Any = Definitions(None, None)  # type: ignore[arg-type]
    options = KeeperOptions(KafkaConnection("127.0.0.1:9"), definitions, 0.5, Measurements(), lambda: 0)
    keeper = Keeper(None, options)
    keeper._holdings, keeper._flow = keeping.regained._holdings, flow
    keeper._write_behind = keeping.write_behind
    member: Any = object()
    keeper._membership = member
    await keeping.take(0)
    return keeping, keeper


async def test_the_group_is_told_what_was_written() -> None:
    flow = ToldFlow()
    flow.listens.set()
    keeping, keeper = await holding(flow)
    await keeper.hand_over()
    assert len(keeping.writer.flushes) == 1
    assert [places[CALLS] for places in flow.told] == [10]


async def test_a_rebalance_does_not_wait_for_a_group_that_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HINTED_SECONDS", 0.01)
    flow = ToldFlow()
    _, keeper = await holding(flow)
    await keeper.hand_over()
    assert len(flow.told) == 1
