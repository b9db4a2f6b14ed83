"""What no trying again can mend ends a worker, which says why, once."""

import random
import re
from contextlib import suppress

import httpx2

from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import Rows, key_of
from tests.brokers.fixtures import Broker
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared
from tests.integration.aggregator.harness import READY_SECONDS, Worker
from tests.integration.aggregator.topics import Raw

CALLS = "sales.call.v1"
PARTITIONS = 2
CALLED = 40


def said(worker: Worker) -> list[str]:
    """What the worker gave as its reason to end, each time it did."""
    return re.findall(r"\{[^}]*'event': 'cannot continue'[^}]*\}", worker.output)


def test_an_encoding_that_is_not_known_is_refused(broker: Broker, install: Install) -> None:
    installation = install(broker, declarations=redeclared("sales", reading=DESK, partitions=PARTITIONS))
    [worker] = installation.start()
    installation.produce(events.spread("sales.call", events.calls(CALLED, random.Random(1)), PARTITIONS))
    panes = installation.until_settled({CALLS: CALLED})
    assert worker.terminate() == 0
    row = next(row for row in panes.records if isinstance(row, Rows) and row.task == "sales.call/0")
    installation.produce([Raw(PANES, panes_partition(0), b"\x09{}", key_of(row))])

    later = installation.spawn()
    readiness: list[str] = []

    def refused() -> bool:
        with suppress(httpx2.TransportError):
            readiness.append(later.get("/readyz").text)
        return later.process.poll() is not None

    installation.until(refused, READY_SECONDS, "the worker ended")
    assert later.process.returncode == 1
    assert any("encoding 9 in the panes topic is not known" in text for text in readiness)
    [line] = said(later)
    assert "encoding 9" in line
    assert "Traceback" not in later.output
