"""A rebuild of topics that are not what they were: records leave while they are read, a join is of one made anew."""

import random

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from services.aggregator.rebuilding.reading import RawRecords
from services.aggregator.rebuilding.refusals import RebuildRefused
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.test_rebuilding import rebuild, renew
from tests.integration.aggregator.test_rebuilding_lives import NOW, told
from tests.integration.aggregator.topics import Raw
from tests.property.core.joins import LEADS

LARGE = 700_000
COUNT = 40


async def read_while_records_leave(installation: Installation, before: int) -> int:
    """Reads a partition of leads, of which all before that offset is removed after the first were read; how many."""
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    try:
        async with RawRecords(installation.kafka, (LEADS,), 0) as records:
            await records.begin(None, {})
            count = 0
            while (found := await records.next({LEADS: COUNT})) is not None:
                if not count:
                    await admin.delete_records({TopicPartition(LEADS, 0): RecordsToDelete(before)})
                count += len(found[1].values)
            return count
    finally:
        await admin.close()


@pytest.mark.parametrize("before", [COUNT - 5, COUNT])
def test_records_that_leave_while_they_are_read_are_missed(kafka_broker: Broker, install: Install, before: int) -> None:
    installation = install(kafka_broker, declarations=NOW)
    generator = random.Random(1)
    installation.produce([Raw(LEADS, 0, generator.randbytes(LARGE), b"k") for _ in range(COUNT)])
    with pytest.raises(RebuildRefused, match=rf"begins at offset {before} now, and was read up to \d+: retention"):
        run(read_while_records_leave(installation, before))


@pytest.mark.parametrize("topic", [LEADS, LEADS.replace(".v1", ".by.lead_id.v1")])
def test_a_join_cannot_tell_copies_of_a_former_topic(kafka_broker: Broker, install: Install, topic: str) -> None:
    installation = install(kafka_broker, declarations=NOW)
    (worker,) = installation.start()
    raws = told(100, random.Random(4))
    installation.produce(raws)
    leads = sum(raw.topic == LEADS for raw in raws)
    installation.until_settled({LEADS: leads, LEADS.replace(".v1", ".by.lead_id.v1"): leads})
    worker.terminate()
    run(renew(installation, topic))
    status, _, errors = rebuild(installation)
    assert status == 1
    assert f"topic {topic} was made anew, and joins read copies of the former records" in errors
    assert "delete the topics kpi.panes.v1 and *.by.*" in errors
