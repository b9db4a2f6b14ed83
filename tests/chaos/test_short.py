"""Workers are killed at random moments on Apache Kafka, and every value is exact. `CHAOS_SEED` repeats a run."""

import os
import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from services.runtime.kafka import KafkaConnection
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.declarations import redeclared
from tests.integration.aggregator.events import mixed
from tests.integration.aggregator.harness import Installation

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
RECORDS = 3000
FEED_SECONDS = 20.0
KILLS = 3
LONGEST_LIFE = 3.0
EAGER_COMPACTION = {
    "cleanup.policy": "compact",
    "message.timestamp.type": "LogAppendTime",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "100",
}


async def create_eagerly_compacted(kafka: KafkaConnection) -> None:
    """The panes topic, of which as little as possible is kept: a row that must not count must not replace another."""
    admin = AIOKafkaAdminClient(**kafka.client_options())
    await admin.start()
    try:
        await admin.create_topics([NewTopic(PANES, PANES_PARTITIONS, 1, topic_configs=EAGER_COMPACTION)])
    finally:
        await admin.close()


def test_three_kills_lose_and_double_nothing(kafka_broker: Broker, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))
    print(f"CHAOS_SEED={seed}")
    generator = random.Random(seed)
    raws = mixed(RECORDS, generator, partitions=3)
    run(create_eagerly_compacted(kafka_broker.connection))
    declarations = redeclared("sales", "service", partitions=3, idle_timeout="1h")
    with (
        closing(Installation(kafka_broker, tmp_path, declarations=declarations)) as installation,
        ThreadPoolExecutor(1) as feeder,
    ):
        workers = installation.start(2)
        fed = feeder.submit(installation.produce, raws, over=FEED_SECONDS)
        for _ in range(KILLS):
            place = generator.randrange(len(workers))
            victim, life = workers[place], generator.uniform(0, LONGEST_LIFE)
            installation.until(lambda worker=victim: bool(worker.tasks()), FEED_SECONDS, "the victim has tasks")  # type: ignore[misc]
            time.sleep(life)
            victim.kill()
            workers[place] = installation.spawn()
        fed.result()
        panes = installation.until_settled({CALLS: RECORDS, TICKETS: RECORDS})
        check_mixed(installation, panes)
