"""How the worker's client fetches, as it was started."""

from pathlib import Path
from typing import Any

from services.aggregator.application import create_app
from services.aggregator.committed import FETCH_MIN_BYTES, FETCH_WAIT_MS
from services.runtime.catalogue import load
from services.runtime.settings import Settings
from tests.brokers.fixtures import Broker


async def test_no_silent_partition_holds_up_the_others(broker: Broker, tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    consumer: Any = create_app(settings, broker.connection, load([], packs=("sales",)))._new_consumer()
    client = consumer._thread._create_worker_consumer(consumer.transport)
    try:
        await client.start()
        fetcher = client._fetcher
        assert (fetcher._fetch_max_wait_ms, fetcher._fetch_min_bytes) == (FETCH_WAIT_MS, FETCH_MIN_BYTES)
    finally:
        await client.stop()
        consumer._thread.thread_loop.close()
