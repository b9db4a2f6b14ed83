"""Who shuts a worker out may ask to be left alone; afterwards the worker takes its task back, and tells of it."""

import random
import uuid

from schemas.topics import PANES
from schemas.wire import Claim, decode
from services.aggregator.writing import TransactionalWriter
from services.runtime.clock import wall_clock
from services.runtime.kafka import KafkaConnection, capabilities
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import accepted, check_books, check_calls
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared

CALLS, TASK = "sales.call.v1", "sales.call/0"
PART = 60
ALONE_MS = 8_000


async def shut_out(kafka: KafkaConnection) -> Claim:
    """Claims the task under its own id, and asks for a while alone."""
    now = wall_clock()
    claim = Claim(TASK, uuid.uuid4().hex[:12], now, now + ALONE_MS)
    writer = TransactionalWriter(kafka, await capabilities(kafka), TASK, 0)
    await writer.claim(claim)
    await writer.close()
    return claim


def test_a_task_that_was_asked_for_is_left_alone_for_so_long(kafka_broker: Broker, install: Install) -> None:
    installation = install(
        kafka_broker, declarations=redeclared("sales", reading=DESK, partitions=1, idle_timeout="1h")
    )
    raws = events.spread("sales.call", events.calls(2 * PART, random.Random(3)), 1)
    [worker] = installation.start()
    installation.produce(raws[:PART])
    installation.until_settled({CALLS: PART})
    asked = run(shut_out(kafka_broker.connection))
    installation.produce(raws[PART:])
    panes = installation.until_settled({CALLS: 2 * PART})

    records = [decode(record.key, record.value) for record in installation.log_of(PANES)[0]]
    claims = [record for record in records if isinstance(record, Claim) and record.task == TASK]
    assert [claim.until for claim in claims] == [0, asked.until, 0]
    assert claims[-1].at >= asked.until
    check_calls(installation, panes, accepted(check_books(installation, panes, "sales.call")))
    work = panes.progress[TASK].work
    assert (work.take_overs, work.fencings) == (2, 1)
    assert work.recovery > 0
    assert worker.terminate() == 0
