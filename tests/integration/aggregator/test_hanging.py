"""A transaction that the broker never ends in one of its partitions is ended there by the task that wrote it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers.fixtures import Broker
from tests.brokers.running import running_kafka
from tests.integration.aggregator import events
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared

TICKETS = "support.ticket.v1"
PARTITIONS = 2
MOVED_SECONDS = 30.0


@pytest.fixture
def trusting_broker(kafka_ready: None, tmp_path: Path) -> Iterator[Broker]:
    """Apache Kafka that takes records into a transaction of which the coordinator does not know the partition."""
    del kafka_ready
    overrides = {"transaction.partition.verification.enable": "false"}
    with running_kafka(tmp_path / "kafka", overrides=overrides) as (cluster, kafka):
        yield Broker("kafka", cluster.bootstrap, transactions=True, connection=kafka)


def test_a_transaction_that_hangs_is_ended(trusting_broker: Broker, install: Install) -> None:
    installation = install(trusting_broker, declarations=redeclared("service", reading=DESK, partitions=PARTITIONS))
    told = events.tickets(10, random.Random(6))
    key = {"ticket_id": told[0]["ticket_id"]}
    wrong = events.keyed("support.ticket", "ticket_id", [told[0]], wrong_by=1, partitions=PARTITIONS)
    behind = [{**event, **key} for event in told[1:]]
    home = 1 - wrong[0].partition
    worker = installation.spawn("tests.integration.aggregator.hiding")
    installation.until_shared([worker])
    installation.produce(wrong)
    installation.until(lambda: 1 - home in installation.panes().fates(TICKETS), MOVED_SECONDS, "moved")
    installation.produce(events.keyed("support.ticket", "ticket_id", behind, partitions=PARTITIONS))
    fates = installation.until_settled({TICKETS: len(told)}).fates(TICKETS)
    assert (fates[1 - home]["rekeyed"], fates[home]["aggregated"]) == (1, len(told))
    assert "a transaction hangs" in worker.output
    assert worker.terminate() == 0
