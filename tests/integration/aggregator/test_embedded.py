"""Without transactions nothing is given up and nobody is shut out: what must not count is there, and is ignored."""

import os
import random
import secrets
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from kpi.topology import panes_partition
from schemas.topics import PANES
from schemas.wire import Progress, Record, Rows, encode
from tests.brokers.fixtures import Broker
from tests.brokers.waiting import until
from tests.integration.aggregator import events, test_joins
from tests.integration.aggregator.comparison import check_mixed
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.declarations import DESK, redeclared
from tests.integration.aggregator.harness import Installation, Worker
from tests.integration.aggregator.topics import Panes, Raw
from tests.property.core.joins import DECLARATIONS

CALLS, TICKETS = "sales.call.v1", "support.ticket.v1"
PARTITIONS = 3
PART = 600
PARTS = 6
LEAST_DEATHS = 3
LONGEST_LIFE = 30.0
LONGEST_WAIT = 150.0
"""Whom the dead have left behind must first miss them, on a machine that may be busy."""
TORN = "tests.integration.aggregator.torn"


def seeded() -> random.Random:
    """Where a run begins; `CHAOS_SEED` repeats one."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))
    print(f"CHAOS_SEED={seed}")
    return random.Random(seed)


def feed_the_dying(installation: Installation, raws: Sequence[Raw], generator: random.Random) -> None:
    """Sends everything, to two workers at a time that kill themselves within a flush, and follow each other; the last
    stay dead.
    """

    def dying() -> Worker:
        return installation.spawn(TORN, torn_seed=generator.random())

    workers, deaths = [dying(), dying()], 0
    part = -(-len(raws) // PARTS)
    for start in range(0, len(raws), part):
        installation.produce(raws[start : start + part], over=1.0)
        # Where none dies of this part, it does of the next.
        with suppress(TimeoutError):
            until(lambda: any(worker.process.poll() is not None for worker in workers), LONGEST_LIFE, "a death")
        for place, worker in enumerate(workers):
            if worker.process.poll() is not None:
                assert worker.process.poll() == -signal.SIGKILL, worker.output
                workers[place], deaths = dying(), deaths + 1
    for worker in workers:
        worker.kill()
    assert deaths >= LEAST_DEATHS


def until_read(installation: Installation, topics: Sequence[str]) -> Panes:
    """The panes once everything in these topics has ended: records that were moved more than once are more of them."""
    seen: list[Panes] = []

    def is_read() -> bool:
        panes = installation.panes()
        seen.append(panes)
        return all(
            sum(panes.fates(topic).get(partition, {}).values()) == len(log)
            for topic in topics
            for partition, log in enumerate(installation.log_of(topic))
        )

    installation.until(is_read, LONGEST_WAIT, f"{topics} read")
    return seen[-1]


def test_workers_that_die_within_a_flush_lose_and_double_nothing(embedded_broker: Broker, install: Install) -> None:
    generator = seeded()
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    installation = install(embedded_broker, declarations=declarations)
    feed_the_dying(installation, events.mixed(3 * PART, generator, PARTITIONS), generator)
    installation.spawn()
    check_mixed(installation, until_read(installation, (CALLS, TICKETS)))


def test_copies_of_flushes_that_never_counted_are_taken_once(embedded_broker: Broker, install: Install) -> None:
    generator = seeded()
    raws = test_joins.records(1200, generator)
    installation = install(embedded_broker, declarations=DECLARATIONS + test_joins.BUYERS)
    feed_the_dying(installation, raws, generator)
    installation.spawn()
    test_joins.check(installation, raws, once=False)


def twice(count: int | None) -> int | None:
    """Nothing stays nothing."""
    return None if count is None else 2 * count


def doubled(panes: Panes, change: Callable[[Rows | Progress], Rows | Progress]) -> list[Raw]:
    """Every row twice as high, then every progress, with something changed: whole flushes that must not count."""
    rows = [record for record in panes.records if isinstance(record, Rows)]
    made: list[Record] = [
        change(replace(record, columns={name: [*map(twice, of)] for name, of in record.columns.items()}))
        for record in rows
    ]
    made += [change(record) for record in panes.progress.values()]
    return [
        Raw(PANES, panes_partition(int(record.task.rpartition("/")[2])), *reversed(encode(record, tombstones=False)))
        for record in made
    ]


def test_flushes_of_an_earlier_owner_and_lower_ones_are_ignored(embedded_broker: Broker, install: Install) -> None:
    raws = events.mixed(2 * PART, random.Random(4), PARTITIONS)
    declarations = redeclared("sales", "service", reading=DESK, partitions=PARTITIONS, idle_timeout="1h")
    installation = install(embedded_broker, declarations=declarations)
    (first,) = installation.start()
    installation.produce(raws[: 2 * PART])
    earlier = installation.until_settled({CALLS: PART, TICKETS: PART})
    assert first.terminate() == 0
    (second,) = installation.start()
    installation.produce(raws[2 * PART :])
    panes = installation.until_settled({CALLS: 2 * PART, TICKETS: 2 * PART})
    check_mixed(installation, panes)
    assert second.terminate() == 0

    installation.produce(doubled(earlier, lambda record: replace(record, flush=record.flush + 1000)))
    installation.produce(doubled(panes, lambda record: replace(record, flush=0)))
    check_mixed(installation, installation.panes())
    (third,) = installation.start()
    more = events.spread("sales.call", events.calls(PART, random.Random(5), first=10_000), PARTITIONS)
    installation.produce(more)
    check_mixed(installation, installation.until_settled({CALLS: 2 * PART + PART, TICKETS: 2 * PART}))
    assert "Traceback" not in third.output
