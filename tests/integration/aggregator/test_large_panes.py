"""A pane that tells very many keys apart is written and read back."""

import random

import pytest

from kpi.tasks.task import Flush
from schemas.topics import PANES, TopicSpec
from schemas.wire import Claim, Progress, Rows
from services.aggregator.recovery import read_back
from services.aggregator.writing import WriterFactory
from services.runtime.kafka import capabilities
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker

TASK, INCARNATION = "web.visit/0", "a"


@pytest.fixture
def pane() -> Rows:
    generator = random.Random(1)
    keys = [generator.getrandbits(64) for _ in range(150_000)]
    return Rows(
        task=TASK,
        group="web.visit/1",
        grain="1d:UTC",
        start=0,
        end=86_400_000,
        bucket=0,
        incarnation=INCARNATION,
        flush=1,
        dimensions={},
        extra=keys,
        columns={"n": [1] * len(keys)},
        changes=[],
        change_count=0,
    )


async def test_pane_of_many_keys_is_read_back(broker: Broker, pane: Rows) -> None:
    kafka = broker.connection
    await ensure_topics(kafka, [TopicSpec(PANES, 4, compacted=True)], 1)
    writers = WriterFactory(kafka, await capabilities(kafka))
    await writers.start()
    try:
        first = writers.writer(TASK, 0)
        await first.claim(Claim(TASK, INCARNATION, 0))
        await first.write(Flush(1, [pane, Progress(TASK, INCARNATION, 1, 0, {})], [], [], [], [], []))
        await first.close()
        second = writers.writer(TASK, 0)
        claim = await second.claim(Claim(TASK, "b", 0))
        logged = (await read_back(kafka, writers.broker, 0, {TASK: claim}))[TASK]
        await second.close()
    finally:
        await writers.stop()
    assert pane in [*logged.records, *logged.rows]
