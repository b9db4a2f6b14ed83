"""The same seeded events in every run: 106 bytes of JSON each, out of order by up to two seconds."""

import random
from collections import Counter
from collections.abc import Iterator

from confluent_kafka import Producer

START = 1_767_225_600_000
PARTITIONS = 4
OUTCOMES = (b"won", b"lost", b"open")


def events(count: int) -> Iterator[bytes]:
    """`count` events, one a millisecond of event time."""
    chance = random.Random(7)
    for number in range(count):
        yield b'{"id":"%016x","time":%d,"team":"t%02d","region":"r%d","duration_ms":%d,"outcome":"%s"}' % (
            chance.getrandbits(64),
            START + number - chance.randrange(2000),
            chance.randrange(20),
            chance.randrange(10),
            int(chance.expovariate(1 / 180_000)),
            OUTCOMES[chance.randrange(3)],
        )


def load(bootstrap: str, topic: str, count: int) -> None:
    """Writes the events, in turn to each partition, and waits for every confirmation."""
    failures: Counter[str] = Counter()
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "linger.ms": 20,
            "compression.type": "lz4",
            "batch.num.messages": 10_000,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    for number, event in enumerate(events(count)):
        while True:
            try:
                producer.produce(
                    topic,
                    event,
                    partition=number % PARTITIONS,
                    on_delivery=lambda error, _: failures.update([str(error)] if error else []),
                )
                break
            except BufferError:
                producer.poll(0.1)
        if number % 10_000 == 0:
            producer.poll(0)
    producer.flush(120)
    if failures:
        raise RuntimeError(f"events were not written: {failures}")
