"""`python -m benchmarks`: every benchmark, side by side in one run, as one table."""

import argparse
import asyncio
import logging
import os
import platform
import tempfile
from pathlib import Path

from benchmarks.drain import CATALOGUE, drain_ours, drain_stock
from benchmarks.load import load
from benchmarks.measuring import Rate
from kpi.topology import topic_specs
from services.runtime.catalogue import load as load_catalogue
from services.runtime.kafka import KafkaConnection
from services.runtime.topics import ensure_topics
from tests.brokers.cluster import KafkaCluster


def row(name: str, rate: Rate) -> str:
    """A line of the table."""
    return f"| {name} | {rate.events:,} | {rate.per_second:,.0f} | {rate.microseconds:,.2f} | {rate.memory_mib} |"


def main() -> None:
    """Starts Apache Kafka, loads the burst, drains it with each worker, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the burst")
    parser.add_argument("--stock-events", type=int, default=60_000, help="of which the stock worker drains these many")
    arguments = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        cluster = KafkaCluster(Path(folder), "single-node.properties")
        connection = KafkaConnection(cluster.bootstrap)
        try:
            cluster.start(connection)
            catalogue = load_catalogue([CATALOGUE], default=False)
            asyncio.run(ensure_topics(connection, topic_specs(catalogue), 1))
            load(cluster.bootstrap, "bench.call.v1", arguments.events)
            ours = drain_ours(cluster.bootstrap, arguments.events, transactional=True)
            stock = drain_stock(cluster.bootstrap, arguments.stock_events)
        finally:
            cluster.stop()
    print(f"{platform.machine()}, {os.cpu_count()} cores shared with the broker, Python {platform.python_version()}\n")
    print("| one worker, JSON of 106 bytes, 4 partitions | events | events/s | CPU µs/event | peak MiB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(row("this service, exactly once", ours))
    print(row("Faust as usually written, a windowed Table", stock))
    print(f"\n{ours.per_second / stock.per_second:,.0f} times the events a second,", end=" ")
    print(f"{stock.microseconds / ours.microseconds:,.0f} times less CPU an event.")


if __name__ == "__main__":
    main()
