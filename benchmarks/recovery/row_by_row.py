"""The same rows read back from a record for each, as tables usually lie in a changelog, and packed."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from confluent_kafka import Producer

from benchmarks.core.tables import Row
from benchmarks.recovery.cluster import Cluster, cluster
from benchmarks.recovery.reading_back import ROWS, write
from benchmarks.recovery.workers import CATALOGUE
from kpi.planning import plan
from kpi.tasks.task import Task
from kpi.topology import PANES_PARTITIONS
from schemas.topics import PANES, TopicSpec
from schemas.wire import Record, Rows, decode
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection
from services.runtime.topics import ensure_topics

ONE_EACH = "bench.rows.v1"
HEADER = ("in one process", "rows", "records", "bytes a row", "s", "CPU, s", "µs a row")
Last = dict[bytes, bytes]


def rows(count: int) -> Iterator[Row]:
    """A line for each of the two forms, of the same rows, on the same broker."""
    with cluster() as broker:
        write(broker, ROWS, count)
        copied = _unpacked(broker)
        for title, topic, keep in (
            ("one record a row, kept as dicts", ONE_EACH, _as_dicts),
            ("packed, kept as the worker does", PANES, _as_tasks),
        ):
            began, cpu = time.perf_counter(), time.process_time()
            found = asyncio.run(_read(broker.bootstrap, topic))
            held = keep(found)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            if held != copied:
                raise RuntimeError(f"{title}: {held} of {copied} rows were read back")
            size = broker.log_bytes(topic) / copied
            costs = f"{seconds:.2f}", f"{cpu:.2f}", f"{cpu / copied * 1e6:.2f}"
            yield title, f"{copied:,}", f"{len(found):,}", f"{size:.0f}", *costs


def _unpacked(broker: Cluster) -> int:
    """Writes every row of the panes topic as a record of its own; how many there are."""
    spec = TopicSpec(ONE_EACH, PANES_PARTITIONS, compacted=True)
    asyncio.run(ensure_topics(KafkaConnection(broker.bootstrap), [spec], 1))
    options = {"linger.ms": 20, "compression.type": "lz4", "batch.num.messages": 10_000}
    producer = Producer({"bootstrap.servers": broker.bootstrap, **options})
    count = 0
    for key, value in asyncio.run(_read(broker.bootstrap, PANES)).items():
        pane = decode(key, value)
        if not isinstance(pane, Rows):
            continue
        head, partition = [pane.task, pane.group, pane.grain, pane.start], count % PANES_PARTITIONS
        for names, values in zip(_turned(pane.dimensions), _turned(pane.columns), strict=True):
            _produce(producer, orjson.dumps([*head, *names]), orjson.dumps(values), partition)
            count += 1
    producer.flush(120)
    return count


def _turned(columns: Mapping[str, Sequence[object]]) -> Iterator[tuple[object, ...]]:
    return zip(*columns.values(), strict=True)


def _produce(producer: Producer, key: bytes, value: bytes, partition: int) -> None:
    while True:
        try:
            producer.produce(ONE_EACH, value, key, partition=partition)
            return
        except BufferError:
            producer.poll(0.1)


async def _read(bootstrap: str, topic: str) -> Last:
    """The last value of each key."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=8 << 20,
        fetch_max_bytes=64 << 20,
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(PANES_PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        last: Last = {}
        while any([await consumer.position(place) < ends[place] for place in places]):
            fetched: Sequence[Sequence[ConsumerRecord]] = (await consumer.getmany(timeout_ms=200)).values()
            last.update((message.key, message.value) for messages in fetched for message in messages)
        return last
    finally:
        await consumer.stop()


def _as_dicts(found: Last) -> int:
    held = {tuple(orjson.loads(key)): orjson.loads(value) for key, value in found.items()}
    return len(held)


def _as_tasks(found: Last) -> int:
    catalogue = load([CATALOGUE], default=False)
    planned = plan(catalogue)
    records: dict[str, list[Record]] = {}
    for key, value in found.items():
        record = decode(key, value)
        if record is not None:
            records.setdefault(record.task, []).append(record)
    tasks = []
    for name, mine in records.items():
        unit, _, partition = name.rpartition("/")
        tasks.append(Task(catalogue, planned, planned.units[unit], int(partition), "bench"))
        tasks[-1].restore(mine)
    return sum(task.row_count for task in tasks)
