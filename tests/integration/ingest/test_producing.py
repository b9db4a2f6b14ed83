"""Events by hand and simulated ones, straight to Kafka."""

import os
from pathlib import Path

import pytest

from services.ingest.send import EventRefused, send
from services.ingest.simulate import SimulationRefused, simulate
from services.runtime.addresses import Addresses, write_addresses
from services.runtime.settings import Settings
from tests.brokers.fixtures import Broker
from tests.integration.ingest.running import NOW, call, catalogue, events


def settings(broker: Broker, folder: Path) -> Settings:
    return Settings(kafka_bootstrap_servers=broker.bootstrap, data_dir=folder)


async def test_one_event_by_hand(broker: Broker, tmp_path: Path) -> None:
    given = {name: value for name, value in call("c1").items() if name not in {"id", "time"}}
    written = await send(settings(broker, tmp_path), catalogue(), "sales.call", given, lambda: NOW)
    assert written["time"] == NOW
    assert await events(broker.connection, "sales.call.v1") == [written]
    with pytest.raises(EventRefused, match="/direction: unknown value"):
        await send(settings(broker, tmp_path), catalogue(), "sales.call", call("c2", direction="up"), lambda: NOW)
    with pytest.raises(EventRefused, match=r"did you mean sales\.call"):
        await send(settings(broker, tmp_path), catalogue(), "sales.cal", given, lambda: NOW)
    assert len(await events(broker.connection, "sales.call.v1")) == 1


async def test_simulated_events_arrive_and_are_counted(broker: Broker, tmp_path: Path) -> None:
    sent = await simulate(settings(broker, tmp_path), catalogue(), rate=20, seconds=3, past=600, clock=lambda: NOW)
    assert sent.keys() >= {"web.impression", "sales.call", "support.ticket"}
    for stream, count in sent.items():
        found = await events(broker.connection, f"{stream}.v1")
        # A write that was not confirmed in time is repeated, and counts once for its id.
        assert len({event["id"] for event in found}) == count
        assert {event["source"] for event in found} == {"simulation"}
        assert all(NOW - 600_000 <= event["time"] <= NOW for event in found)


async def test_the_embedded_brokers_memory_limit_ends_a_simulation(embedded_broker: Broker, tmp_path: Path) -> None:

    write_addresses(tmp_path, Addresses(broker=embedded_broker.bootstrap, pids={"broker": os.getpid()}))
    tight = Settings(data_dir=tmp_path, embedded_memory_limit=1)
    with pytest.raises(SimulationRefused, match="KPI_EMBEDDED_MEMORY_LIMIT"):
        await simulate(tight, catalogue(), rate=1, seconds=5)
