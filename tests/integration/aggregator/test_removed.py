"""Records that retention removes before they are read are counted as lost, and said; the others are counted."""

import random

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from services.runtime.kafka import KafkaConnection
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared

CALLS = "sales.call.v1"
PART = 30


async def remove(kafka: KafkaConnection, before: int) -> None:
    """Deletes the beginning of the first partition of calls, as retention does."""
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(CALLS, 0): RecordsToDelete(before)})
    finally:
        await admin.close()


def test_what_was_removed_before_it_was_read_is_counted(kafka_broker: Broker, install: Install) -> None:
    installation = install(kafka_broker, declarations=redeclared("sales", reading=DESK, partitions=1))
    raws = events.spread("sales.call", events.calls(4 * PART, random.Random(2)), 1)
    # Before anybody looks at the topic: nobody counts it.
    installation.produce(raws[:PART])
    run(remove(kafka_broker.connection, 10))
    [worker] = installation.start()
    panes = installation.until_settled({CALLS: PART - 10})
    assert panes.progress["sales.call/0"].topics[CALLS].lost == 0
    assert worker.terminate() == 0

    installation.produce(raws[PART : 3 * PART])
    run(remove(kafka_broker.connection, 2 * PART))
    [worker] = installation.start()
    panes = installation.until_settled({CALLS: 2 * PART - 10})
    standing = panes.progress["sales.call/0"].topics[CALLS]
    assert (standing.lost, standing.consumed) == (PART, 2 * PART - 10)
    assert "removed before they were read" in worker.output
    assert worker.terminate() == 0

    # All of them: nothing is ever delivered that would show the hole.
    installation.produce(raws[3 * PART :])
    run(remove(kafka_broker.connection, 4 * PART))
    installation.start()
    installation.until(
        lambda: installation.panes().progress["sales.call/0"].topics[CALLS].lost == 2 * PART, 30.0, "all of it told"
    )
