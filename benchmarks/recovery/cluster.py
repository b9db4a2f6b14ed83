"""Apache Kafka with the topics of the catalogue here, for as long as a measurement takes."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.recovery.workers import CATALOGUE
from kpi.planning import plan
from kpi.topology import topic_specs
from schemas.topics import PANES
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection
from services.runtime.topics import ensure_topics
from tests.brokers.cluster import KafkaCluster


@dataclass(frozen=True, slots=True)
class Cluster:
    """A broker that is running, with a folder for what workers write."""

    bootstrap: str
    folder: Path
    tasks: frozenset[str]

    def log_bytes(self, topic: str = PANES) -> int:
        """Bytes of the segments of a topic on the broker's disk."""
        return sum(part.stat().st_size for part in self.folder.glob(f"kafka/node-1/data/{topic}-*/*.log"))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """One node, empty but for the topics."""
    catalogue = load([CATALOGUE], default=False)
    units = plan(catalogue).units.values()
    tasks = frozenset(f"{unit.name}/{number}" for unit in units for number in range(unit.partitions))
    with tempfile.TemporaryDirectory() as folder:
        kafka = KafkaCluster(Path(folder) / "kafka", "single-node.properties")
        connection = KafkaConnection(kafka.bootstrap)
        try:
            kafka.start(connection)
            asyncio.run(ensure_topics(connection, topic_specs(catalogue), 1))
            yield Cluster(kafka.bootstrap, Path(folder), tasks)
        finally:
            kafka.stop()
