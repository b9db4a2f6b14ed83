"""Records that move the clock of every partition and count for nothing."""

from collections.abc import Iterator

from aiokafka.partitioner import murmur2

from schemas.streams import Stream
from tests.table.business import (
    customers,
    finance,
    inventory,
    marketing,
    markets,
    people,
    plans,
    production,
    projects,
    rates,
    resources,
    sales,
    supply,
    support,
    surveys,
    web,
)
from tests.table.business.events import Event

_NOTHING = {
    **people.NOTHING,
    **projects.NOTHING,
    **rates.NOTHING,
    **sales.NOTHING,
    **web.NOTHING,
    **marketing.NOTHING,
    **support.NOTHING,
    **surveys.NOTHING,
    **customers.NOTHING,
    **finance.NOTHING,
    **plans.NOTHING,
    **markets.NOTHING,
    **production.NOTHING,
    **resources.NOTHING,
    **inventory.NOTHING,
    **supply.NOTHING,
}


def silence(stream: Stream, time: int) -> Iterator[Event]:
    """For each partition one record, or some that count for nothing together, at `time` (epoch milliseconds)."""
    assert stream.key is not None
    found: dict[int, str] = {}
    number = 0
    while len(found) < stream.partitions:
        found.setdefault(partition_of(f"silence-{number}", stream.partitions), f"silence-{number}")
        number += 1
    for key in found.values():
        said = _NOTHING[stream.stream]
        for place, body in enumerate(said if isinstance(said, list) else [said]):
            envelope = {"id": f"{key}-{time}-{place}", "source": "table", "time": time}
            yield Event(stream.stream, {**envelope, **body, stream.key: key})


def partition_of(key: str, partitions: int) -> int:
    """Where the default of Kafka's own producers puts a key."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions
