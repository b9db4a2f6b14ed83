"""What a changed KPI counts of the past once it is rebuilt, with a worker running and events coming."""

import asyncio
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kpi.grains import DAY, MINUTE
from kpi.planning import plan
from kpi.topology import PANES_PARTITIONS, topic_specs
from schemas.entities import NEVER
from schemas.times import to_datetime
from schemas.topics import PANES
from schemas.wire import Coverage
from services.api.assembly import Assembly
from services.runtime.catalogue import load
from services.runtime.clock import wall_clock
from services.runtime.topics import ensure_topics
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


def check_long_visits(installation: Installation, panes: Panes, least: int) -> None:
    """Every minute of every page, against the topic as it stands."""
    wanted: Counter[tuple[object, ...]] = Counter()
    for event in accepted(installation):
        if int(str(event["seconds"])) >= least:
            wanted[int(str(event["time"])) // MINUTE * MINUTE, event["page"]] += 1
    found = totals(installation, panes, ("long_visits", "visits"), "1m", ["page"])
    assert found == {key: (count, 0) for key, count in wanted.items()}


def check_covered(panes: Panes, installation: Installation, since: int | None) -> None:
    """Since when every task counts the changed KPI; None: since some time after its change."""
    group = installation.plan.readings["long_visits", "visits"].group
    told = [record.since[group] for record in panes.records if isinstance(record, Coverage)]
    assert len(told) == PARTITIONS
    for columns in told:
        for found in columns.values():
            assert found == since if since is not None else found not in (None, 0)


async def renew(installation: Installation, topic: str = VISITS) -> None:
    """Deletes the topic, and makes it anew."""
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    try:
        await admin.delete_topics([topic])
        async with asyncio.timeout(20):
            while topic in await admin.list_topics():
                await asyncio.sleep(0.1)
        await ensure_topics(installation.kafka, topic_specs(installation.catalogue), 1)
    finally:
        await admin.close()


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


KILLED = """
import os, signal
from services.aggregator.rebuilding import switching
from services.aggregator.writing import {writer} as Writer
switching.ALONE_SECONDS = 6.0
async def commit(self): os.kill(os.getpid(), signal.SIGKILL)
Writer.commit = commit
"""


def test_a_rebuild_that_is_killed_before_it_counts_changes_nothing(broker: Broker, install: Install) -> None:
    installation, worker = changed(install, broker, 900)
    before = installation.panes()
    name = "TransactionalWriter" if broker.transactions else "PlainWriter"
    assert ended(begin(installation, "long_visits", changed=KILLED.format(writer=name)))[0] == -signal.SIGKILL
    installation.produce(raws(visits(300, random.Random(2), first=900)))
    panes = installation.until_settled({VISITS: 1200})
    check_busiest_visit(installation, panes)
    check_covered(panes, installation, None)
    assert {record.incarnation for record in before.progress.values()}.isdisjoint(
        record.incarnation for record in panes.progress.values()
    )
    # Nothing is left behind that another one would stumble on.
    assert rebuild(installation)[0] == 0
    check_long_visits(installation, installation.panes(), 300)
    assert worker.ready()


def test_of_two_rebuilds_at_once_one_counts_and_values_are_right(kafka_broker: Broker, install: Install) -> None:
    installation, worker = changed(install, kafka_broker, 900)
    both = [begin(installation, "long_visits"), begin(installation)]
    statuses = [ended(process) for process in both]
    assert 0 in [status for status, _, _ in statuses], statuses
    assert all(status == 0 or errors.startswith("error: ") for status, _, errors in statuses)
    assert all("Traceback" not in errors for _, _, errors in statuses)
    installation.produce(raws(visits(300, random.Random(2), first=900)))
    panes = installation.until_settled({VISITS: 1200})
    check_long_visits(installation, panes, 300)
    check_busiest_visit(installation, panes)
    assert worker.ready()


def test_from_a_time_on(kafka_broker: Broker, install: Install) -> None:
    installation = install(kafka_broker, declarations=DECLARATIONS % 60)
    (worker,) = installation.start()
    begins = (wall_clock() // MINUTE + 1) * MINUTE
    events = visits(500, random.Random(2))
    installation.produce(
        raws([{**event, "time": begins - 300_000 + place} for place, event in enumerate(events[:300])])
    )
    installation.until_settled({VISITS: 300})
    moment = wall_clock()
    installation.until(lambda: wall_clock() > moment + 1000, 30.0, "a second later")
    # What was written before could not be dated so far ahead.
    first = moment + installation.catalogue.streams["shop.visit"].ahead
    installation.produce(raws([{**event, "time": first + place} for place, event in enumerate(events[300:])]))
    installation.until_settled({VISITS: 500})
    worker.terminate()
    redeclare(installation, DECLARATIONS % 300)
    installation.start()

    status, _, errors = rebuild(installation, "long_visits", "--from", to_datetime(moment).isoformat())
    assert status == 0, errors
    panes = installation.panes()
    check_covered(panes, installation, first)
    check_busiest_visit(installation, panes)


def test_what_cannot_be_rebuilt_says_so(kafka_broker: Broker, install: Install) -> None:
    installation = install(kafka_broker, declarations=DECLARATIONS % 60)
    assert rebuild(installation, "long_visit") == (
        1,
        "",
        "error: no KPI is called 'long_visit'; did you mean long_visits?\n",
    )
    status, _, errors = rebuild(installation, "long_visits")
    assert (status, errors.startswith("error: nothing has been counted yet")) == (1, True)
    assert rebuild(installation, "--from", "yesterday")[0] == 2
    (worker,) = installation.start()
    installation.produce(raws(visits(300, random.Random(1))))
    installation.until_settled({VISITS: 300})
    worker.terminate()

    run(renew(installation))
    installation.produce(raws(visits(60, random.Random(5))))
    status, _, errors = rebuild(installation, "long_visits")
    assert (status, "was made anew" in errors, "`kpi rebuild long_visits busiest_visit`" in errors) == (1, True, True)
    status, _, errors = rebuild(installation)
    assert status == 0, errors
    check_long_visits(installation, installation.panes(), 60)
    (worker,) = installation.start()
    installation.produce(raws(visits(60, random.Random(6), first=60)))
    panes = installation.until_settled({VISITS: 120})
    check_long_visits(installation, panes, 60)
    check_busiest_visit(installation, panes)
