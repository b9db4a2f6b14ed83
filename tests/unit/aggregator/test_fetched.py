"""What the consumer's thread says of each fetch, and that Faust drops nothing by offsets of its own."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from services.aggregator.application import create_app
from services.aggregator.fetching import Fetched
from services.runtime.catalogue import load
from services.runtime.kafka import KafkaConnection
from services.runtime.settings import Settings
from tests.unit.aggregator.keeping import CALLS


class Client:
    """A client that has fetched up to `place`."""

    def __init__(self) -> None:
        self.place = 0

    async def position(self, _: TP) -> int:
        """As the client's own."""
        return self.place

    def seek(self, _: TP, offset: int) -> None:
        """As the client's own."""
        self.place = offset


@pytest.fixture
def consumer(tmp_path: Path) -> Iterator[Any]:
    """Faust's consumer as the service has it; it is never started."""
    settings = Settings.load(data_dir=tmp_path)
    app = create_app(settings, KafkaConnection("127.0.0.1:9"), load([], packs=("sales",)))
    made: Any = app._new_consumer()
    yield made
    made._thread.thread_loop.close()


async def fetched(thread: Any, client: Client, first: int, last: int, place: int) -> Fetched:
    """Records from `first` to `last` were fetched, and markers up to `place`."""
    client.place = place
    records = [SimpleNamespace(offset=at, value=b"", timestamp=0) for at in range(first, last + 1)]
    found: Fetched = await thread._fetched(client, CALLS, records)
    return found


async def test_a_fetch_says_what_it_follows_on(consumer: Any) -> None:
    thread, client = consumer._thread, Client()
    assert (await fetched(thread, client, 5, 9, 12))[1:] == (5, 12)
    assert (await fetched(thread, client, 14, 20, 21))[1:] == (12, 21)
    await thread._seek_wait(client, {CALLS: 7})
    assert (await fetched(thread, client, 9, 9, 12))[1:] == (7, 12)
    assert (await fetched(thread, client, 3, 9, 12))[1:] == (3, 12)
    thread._followed.clear()
    assert (await fetched(thread, client, 30, 31, 32))[1:] == (30, 32)


async def test_no_offset_is_held_against_what_is_fetched_again(consumer: Any) -> None:
    read = consumer._read_offset
    read[CALLS] = 10
    read.update({CALLS: 11})
    assert read[CALLS] is None
