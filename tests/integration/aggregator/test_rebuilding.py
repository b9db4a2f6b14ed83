"""What a changed KPI counts of the past once it is rebuilt, with a worker running and events coming."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from kpi.grains import DAY, MINUTE
from kpi.planning import plan
from services.runtime.catalogue import load
from tests.brokers.fixtures import Broker
from tests.integration.aggregator.comparison import totals
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.harness import ROOT, Installation
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.oracle import Event

T0 = 1_767_258_000_000
VISITS = "shop.visit.v1"
PARTITIONS = 3
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


def redeclare(installation: Installation, declarations: str) -> None:
    """What workers, and whoever reads, take for the catalogue from now on."""
    folder = Path(installation.environment["KPI_CATALOGUE"])
    (folder / "all.yaml").write_text(declarations)
    installation.catalogue = load([folder], default=False)
    installation.plan = plan(installation.catalogue)


def rebuild(installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kpi rebuild`, as a process."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", "rebuild", *arguments],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check_long_visits(installation: Installation, panes: Panes, least: int) -> None:
    """Every minute of every page, against the topic as it stands."""
    wanted: Counter[tuple[object, ...]] = Counter()
    for log in installation.log_of(VISITS):
        watermark = -(2**62)
        for record in log:
            event = orjson.loads(record.value)
            watermark = max(watermark, event["time"] - 60_000)
            if watermark - event["time"] <= 3_600_000 and event["seconds"] >= least:
                wanted[event["time"] // MINUTE * MINUTE, event["page"]] += 1
    found = totals(installation, panes, ("long_visits", "visits"), "1m", ["page"])
    assert found == {key: (count, 0) for key, count in wanted.items()}


def test_a_changed_filter_counts_the_past(broker: Broker, install: Install) -> None:
    generator = random.Random(1)
    events = visits(3000, generator)
    installation = install(broker, declarations=DECLARATIONS % 60)
    (worker,) = installation.start()
    installation.produce(raws(events[:1500]))
    check_long_visits(installation, installation.until_settled({VISITS: 1500}), 60)
    assert worker.terminate() == 0

    redeclare(installation, DECLARATIONS % 300)
    (worker,) = installation.start()
    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(installation.produce, raws(events[1500:]), over=8.0)
        installation.until_settled({VISITS: 1600})
        done = rebuild(installation, "long_visits")
        assert done.returncode == 0, done.stderr
        assert "switched" in done.stdout
        fed.result()
    check_long_visits(installation, installation.until_settled({VISITS: 3000}), 300)
    print(done.stdout, worker.output[-2000:])
