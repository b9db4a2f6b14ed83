"""Clusters of Apache Kafka of one's own, for tests that kill nodes."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.runtime.kafka import KafkaConnection
from tests.brokers.cluster import KafkaCluster

_CONFIGURATIONS = {1: "single-node.properties", 3: "three-nodes.properties"}


@contextmanager
def running_kafka(
    folder: Path, *, nodes: int = 1, overrides: Mapping[str, str] | None = None
) -> Iterator[tuple[KafkaCluster, KafkaConnection]]:
    """One node or three, as `deploy/kafka/` states them but for `overrides`; stopped in the end."""
    cluster = KafkaCluster(folder, _CONFIGURATIONS[nodes], nodes=nodes, overrides=overrides)
    connection = KafkaConnection(cluster.bootstrap)
    with _without_the_clients_words():
        try:
            cluster.start(connection)
            yield cluster, connection
        finally:
            cluster.stop()


@contextmanager
def _without_the_clients_words() -> Iterator[None]:
    """Clients of this process say ten times a second that a node is gone, which is what such a test is about."""
    client = logging.getLogger("aiokafka")
    before = client.level
    client.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        client.setLevel(before)
