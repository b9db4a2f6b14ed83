"""Records that are lost between the broker and the worker, with nothing behind them to show the gap, are asked for."""

import random
from pathlib import Path

from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared

CALLS = "sales.call.v1"
COUNT = 30
DROPPED_SECONDS = 30.0


def test_the_last_records_that_were_dropped_come_again(broker: Broker, install: Install, tmp_path: Path) -> None:
    installation = install(broker, declarations=redeclared("sales", reading=DESK, partitions=1))
    dropping, dropped = tmp_path / "dropping", tmp_path / "dropped"
    dropping.touch()
    worker = installation.spawn("tests.integration.aggregator.dropping", dropping=dropping, dropped=dropped)
    installation.until_shared([worker])
    installation.produce(events.spread("sales.call", events.calls(COUNT, random.Random(4)), 1))
    installation.until(dropped.exists, DROPPED_SECONDS, "records dropped")
    dropping.unlink()
    panes = installation.until_settled({CALLS: COUNT})
    standing = panes.progress["sales.call/0"].topics[CALLS]
    assert (standing.position, standing.consumed, standing.lost) == (COUNT, COUNT, 0)
