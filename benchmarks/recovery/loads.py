"""Events straight into Kafka: as many pane rows or entities as wanted, or a steady trickle."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from confluent_kafka import Producer

START = 1_767_225_600_000
MINUTE = 60_000
TEAMS, REGIONS = 50, 20
PARTITIONS = 6
CALLS, TICKETS = "bench.call.v1", "bench.ticket.v1"


class Event(NamedTuple):
    """A record. `partition` -1: that of its key, as Java's producers have it."""

    topic: str
    key: bytes | None
    value: bytes
    partition: int


def _call(number: int, partition: int, time: int, group: int) -> Event:
    team, region = divmod(group, REGIONS)
    value = b'{"id":"%d-%x","time":%d,"team":"t%02d","region":"r%02d","duration_ms":%d}' % (
        partition,
        number,
        time,
        team,
        region,
        1000 + number % 90_000,
    )
    return Event(CALLS, None, value, partition)


def wide(minutes: int) -> Iterator[Event]:
    """Each minute an event of each of the 1,000 combinations on each of the partitions."""
    groups = TEAMS * REGIONS
    for minute in range(minutes):
        for group in range(groups):
            moment = START + minute * MINUTE + group * MINUTE // groups
            for partition in range(PARTITIONS):
                yield _call(minute * groups + group, partition, moment, group)


def _ticket(number: int, time: int, action: bytes) -> Event:
    key = b"T-%08d" % number
    value = b'{"id":"%x-%b","time":%d,"ticket_id":"%b","action":"%b","team":"t%02d"}' % (
        number,
        action,
        time,
        key,
        action,
        number % 20,
    )
    return Event(TICKETS, key, value, -1)


def tickets(count: int, span: int = 4 * 60 * MINUTE) -> Iterator[Event]:
    """So many tickets, each opened and answered ten minutes of event time later; none is resolved."""
    step, waiting = span / count, 10 * MINUTE
    lag = int(waiting / step)
    for number in range(count + lag):
        moment = START + int(number * step)
        if number < count:
            yield _ticket(number, moment, b"opened")
        if number >= lag:
            yield _ticket(number - lag, moment, b"replied")


def send(bootstrap: str, events: Iterable[Event]) -> Counter[str]:
    """Writes events and waits for every confirmation; how many by topic. Raises RuntimeError where one is refused."""
    failures: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "linger.ms": 20,
            "compression.type": "lz4",
            "batch.num.messages": 10_000,
            "queue.buffering.max.messages": 1_000_000,
            "partitioner": "murmur2",
            # A retry behind what came later would be late.
            "enable.idempotence": True,
        }
    )
    for event in events:
        while True:
            try:
                producer.produce(
                    event.topic,
                    event.value,
                    event.key,
                    on_delivery=lambda error, _: failures.update([str(error)] if error else []),
                    partition=event.partition,
                )
                break
            except BufferError:
                producer.poll(0.1)
        sent[event.topic] += 1
        if sent[event.topic] % 10_000 == 0:
            producer.poll(0)
    producer.flush(120)
    if failures:
        raise RuntimeError(f"events were not written: {failures}")
    return sent


class Trickle:
    """A steady load on every partition of both topics, in real time, until it is stopped."""

    def __init__(self, bootstrap: str, per_second: int) -> None:
        self._per_second, self._stop = per_second, threading.Event()
        self._thread = threading.Thread(target=send, args=(bootstrap, self._events()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _events(self) -> Iterator[Event]:
        chance, began, number = random.Random(7), time.monotonic(), 0
        while not self._stop.is_set():
            time.sleep(0.01)
            wanted = int((time.monotonic() - began) * self._per_second)
            while number < wanted:
                moment = START + number * 1000 // self._per_second
                yield _call(number, number % PARTITIONS, moment, chance.randrange(TEAMS * REGIONS))
                yield _ticket(number // 2, moment, b"replied" if number % 2 else b"opened")
                number += 1
