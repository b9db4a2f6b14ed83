"""What a changed KPI counts of the past once it is rebuilt, with a worker running and events coming."""

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from kpi.grains import DAY, MINUTE
from kpi.planning import plan
from kpi.topology import PANES_PARTITIONS
from schemas.entities import NEVER
from schemas.topics import PANES
from schemas.wire import Coverage
from services.api.assembly import Assembly
from services.runtime.catalogue import load
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import run
from tests.integration.aggregator.comparison import totals
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import ROOT, Installation, Worker
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served

T0 = 1_767_258_000_000
VISITS = "shop.visit.v1"
PARTITIONS = 3
ENDED_SECONDS = 120.0
DECLARATIONS = """
stream: shop.visit
partitions: 3
clock: replay
disorder: 1m
lateness: 1h
fields: {page: string, seconds: int32}
---
kpi: long_visits
title: Long visits
sentence: How many visits lasted.
owner: shop
department: marketing
kind: leading
unit: visits
direction: up
dimensions: [page]
windows: {tumbling: [1h], calendar: [day]}
measures: {visits: {from: shop.visit, aggregate: count, where: "seconds >= %d"}}
formula: visits
---
kpi: busiest_visit
title: Busiest visit
sentence: How long the longest visit was.
owner: shop
department: marketing
kind: leading
unit: seconds
direction: up
windows: {tumbling: [1h], calendar: [day]}
measures: {longest: {from: shop.visit, aggregate: max, value: seconds}}
formula: longest
"""


def visits(count: int, generator: random.Random, first: int = 0) -> list[Event]:
    """Visits a second apart, out of order within the disorder; some a day and more too late."""
    found: list[Event] = []
    for number in range(first, first + count):
        late = 2 * DAY if generator.random() < 0.01 and number > 100 else 0
        time = T0 + number * 1000 + generator.randint(-20_000, 20_000) - late
        page = generator.choice(["home", "cart", "offer"])
        found.append({"id": f"v{number}", "time": time, "page": page, "seconds": generator.randrange(600)})
    return found


def raws(events: Sequence[Event]) -> list[Raw]:
    """On the partitions in turn."""
    return [Raw(VISITS, number % PARTITIONS, orjson.dumps(event)) for number, event in enumerate(events)]


class Reader:
    """What readers take over, step by step."""

    def __init__(self, installation: Installation, *, transactional: bool) -> None:
        self._installation, self._transactional = installation, transactional

    async def read(self, stop: threading.Event) -> list[int]:
        """How many tasks count the changed KPI from the beginning, each time that this changes, until told to stop."""
        consumer = AIOKafkaConsumer(
            **self._installation.kafka.client_options(),
            enable_auto_commit=False,
            isolation_level="read_committed" if self._transactional else "read_uncommitted",
        )
        await consumer.start()
        places = [TopicPartition(PANES, number) for number in range(PANES_PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        assembly = Assembly(transactional=self._transactional, positions={})
        covered: dict[str, bool] = {}
        states: list[int] = []
        group = self._installation.plan.readings["long_visits", "visits"].group
        while not stop.is_set():
            for place, messages in (await consumer.getmany(timeout_ms=100, max_records=50)).items():
                for message in messages:
                    assembly.feed(place.partition, message.offset, message.key, message.value, message.timestamp)
            records, _ = assembly.take()
            for record in records:
                if isinstance(record, Coverage):
                    covered[record.task] = record.since.get(group, {"": NEVER}) == dict.fromkeys(record.since[group])
            whole = all([await consumer.position(place) >= ends[place] for place in places])
            if whole and states[-1:] != [sum(covered.values())]:
                states.append(sum(covered.values()))
        await consumer.stop()
        return states


def redeclare(installation: Installation, declarations: str) -> None:
    """What workers, and whoever reads, take for the catalogue from now on."""
    folder = Path(installation.environment["KPI_CATALOGUE"])
    (folder / "all.yaml").write_text(declarations)
    installation.catalogue = load([folder], default=False)
    installation.plan = plan(installation.catalogue)


def begin(installation: Installation, *arguments: str, changed: str = "") -> subprocess.Popen[str]:
    """`kpi rebuild` as a process. `changed`: Python that is run in it before."""
    code = f"from services.cli import main\n{changed}\nmain.main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "rebuild", *arguments],
        cwd=ROOT,
        env=installation.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its status, and what it said."""
    said, errors = process.communicate(timeout=ENDED_SECONDS)
    return process.returncode, said, errors


def rebuild(installation: Installation, *arguments: str) -> tuple[int, str, str]:
    """`kpi rebuild`: its status, and what it said."""
    return ended(begin(installation, *arguments))


def accepted(installation: Installation) -> list[Event]:
    """The events that are in time, by the topic as it stands."""
    found: list[Event] = []
    for log in installation.log_of(VISITS):
        watermark = -(2**62)
        for record in log:
            event = orjson.loads(record.value)
            watermark = max(watermark, event["time"] - 60_000)
            if watermark - event["time"] <= 3_600_000:
                found.append(event)
    return found


def check_busiest_visit(installation: Installation, panes: Panes) -> None:
    """Of each minute the longest visit, by the KPI that nobody changed."""
    wanted: dict[int, int] = {}
    for event in accepted(installation):
        minute = int(str(event["time"])) // MINUTE * MINUTE
        wanted[minute] = max(int(str(event["seconds"])), wanted.get(minute, 0))
    found: dict[int, int] = {}
    for _, columns in Served(installation.plan, panes.records).rows("busiest_visit", "longest", "1m", -(2**62), 2**62):
        found[columns["start"]] = max(columns["value"], found.get(columns["start"], 0))
    assert found == wanted


def check_long_visits(
    installation: Installation, panes: Panes, least: int, begins: int = -(2**62), ends: int = 2**62
) -> None:
    """Every minute of every page, against the topic as it stands."""
    wanted: Counter[tuple[object, ...]] = Counter()
    for event in accepted(installation):
        if int(str(event["seconds"])) >= least:
            wanted[int(str(event["time"])) // MINUTE * MINUTE, event["page"]] += 1
    wanted = Counter({key: count for key, count in wanted.items() if begins <= int(str(key[0])) < ends})
    found = totals(installation, panes, ("long_visits", "visits"), "1m", ["page"])
    found = {key: value for key, value in found.items() if begins <= int(str(key[0])) < ends}
    assert found == {key: (count, 0) for key, count in wanted.items()}


def changed(install: Install, broker: Broker, count: int) -> tuple[Installation, Worker]:
    """An installation whose KPI counts something else since so many of its events; its worker."""
    installation = install(broker, declarations=DECLARATIONS % 60)
    (worker,) = installation.start()
    installation.produce(raws(visits(count, random.Random(1))))
    check_long_visits(installation, installation.until_settled({VISITS: count}), 60)
    assert worker.terminate() == 0
    redeclare(installation, DECLARATIONS % 300)
    (worker,) = installation.start()
    return installation, worker


def test_a_changed_filter_counts_the_past(broker: Broker, install: Install) -> None:
    installation, worker = changed(install, broker, 1500)
    more = raws(visits(1500, random.Random(2), first=1500))
    with ThreadPoolExecutor(2) as threads:
        fed = threads.submit(installation.produce, more, over=8.0)
        installation.until_settled({VISITS: 1600})
        stop = threading.Event()
        seen = threads.submit(run, Reader(installation, transactional=broker.transactions).read(stop))
        status, said, errors = rebuild(installation, "long_visits")
        assert status == 0, errors
        assert "switched" in said
        fed.result()
        panes = installation.until_settled({VISITS: 3000})
        stop.set()
        states = seen.result()
    assert worker.ready()
    check_long_visits(installation, panes, 300)
    check_busiest_visit(installation, panes)
    assert states == [0, PARTITIONS]
