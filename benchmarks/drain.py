"""A burst of events straight into Kafka, drained by one worker: ours, and Faust as usually written, on the same
broker.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from benchmarks.load import PARTITIONS
from benchmarks.measuring import Rate, measure
from kpi.tasks.replay import CommittedFlushes
from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES
from schemas.wire import Progress, Rows, decode, key_of

TOPIC = "bench.call.v1"
CATALOGUE = Path(__file__).parent / "catalogue"


@contextmanager
def worker(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Faust worker as a process of its own."""
    command = [sys.executable, "-m", "faust", *arguments, "worker", "--without-web", "-l", "warn"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class _Panes:
    """The panes topic, followed from its beginning."""

    def __init__(self, bootstrap: str, *, transactional: bool) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench-panes",
                "enable.auto.commit": False,
                "isolation.level": "read_committed" if transactional else "read_uncommitted",
            }
        )
        self._consumer.assign([TopicPartition(PANES, place, 0) for place in range(PANES_PARTITIONS)])
        self._flushes = CommittedFlushes(transactional=transactional)
        self.records: dict[bytes, object] = {}

    def consumed(self) -> int:
        """Records that the progress rows account for."""
        for message in self._consumer.consume(10_000, 0):
            if message.error() is None:
                record = decode(message.key() or b"", message.value())
                if record is not None:
                    self.records.update({key_of(counted): counted for counted in self._flushes.feed(record)})
        progress = [record for record in self.records.values() if isinstance(record, Progress)]
        return sum(sum(record.topics[TOPIC].fates.values()) for record in progress if TOPIC in record.topics)

    def counted(self) -> int:
        """Events in the rows themselves: the largest count column of one grain."""
        totals: dict[str, int] = {}
        for record in self.records.values():
            if isinstance(record, Rows) and record.grain == "15m":
                for name, values in record.columns.items():
                    totals[name] = totals.get(name, 0) + sum(value or 0 for value in values)
        return min(totals.values(), default=0)

    def close(self) -> None:
        """Ends the consumer."""
        self._consumer.close()


def drain_ours(bootstrap: str, count: int, *, transactional: bool) -> Rate:
    """One worker of ours. Raises RuntimeError where the rows do not hold every event."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "KPI_DATA_DIR": folder,
            "KPI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "KPI_CATALOGUE": str(CATALOGUE),
            "KPI_DEFAULT_CATALOGUE": "false",
            "KPI_WORKER_METRICS_PORT": "0",
            "POLARS_MAX_THREADS": "1",
        }
        panes = _Panes(bootstrap, transactional=transactional)
        try:
            with worker(["-A", "services.aggregator.app"], environment, Path(folder) / "worker.log") as process:
                rate = measure(process, panes.consumed, count, 300)
            if panes.counted() != count:
                raise RuntimeError(f"the rows hold {panes.counted()} of {count} events")
            return rate
        finally:
            panes.close()


def drain_stock(bootstrap: str, count: int) -> Rate:
    """One worker of Faust as usually written, over the first `count` events or so."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    group = ConsumerGroupTopicPartitions(
        "stock-faust", [TopicPartition(TOPIC, partition) for partition in range(PARTITIONS)]
    )

    def committed() -> int:
        answer = admin.list_consumer_group_offsets([group], request_timeout=5)["stock-faust"].result()
        return sum(max(0, place.offset) for place in answer.topic_partitions)

    with tempfile.TemporaryDirectory() as folder:
        environment = {"BENCH_BROKER": bootstrap, "BENCH_STATE": folder}
        with worker(["-A", "benchmarks.stock_faust"], environment, Path(folder) / "worker.log") as process:
            return measure(process, committed, count, 300)
