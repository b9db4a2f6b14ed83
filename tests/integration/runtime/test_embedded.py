"""The embedded broker: starts, listens on loopback only, moves aside for a taken port, and is gone when stopped."""

import random
import socket
from pathlib import Path

import psutil
import pytest

from schemas.topics import TopicSpec
from services.runtime.embedded import EmbeddedBroker, EmbeddedBrokerFailed
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.processes import running
from services.runtime.topics import ensure_topics


async def test_it_listens_on_loopback_only_and_ends_when_stopped(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path / "logs" / "broker.log")
    await broker.start()
    pid = broker.pid
    listening = [entry.laddr.ip for entry in psutil.Process(pid).net_connections() if entry.status == "LISTEN"]
    assert listening == ["127.0.0.1"]
    assert broker.alive()
    await broker.stop()
    assert not broker.alive()
    assert not running(pid)


async def test_a_taken_port_is_left_to_its_owner(tmp_path: Path) -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        async with EmbeddedBroker(tmp_path / "broker.log", taken) as broker:
            assert broker.address != f"127.0.0.1:{taken}"
            assert (await capabilities(KafkaConnection(broker.address))).cluster_id


async def test_each_start_is_another_cluster(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        async with EmbeddedBroker(tmp_path / "broker.log") as broker:
            seen.add((await capabilities(KafkaConnection(broker.address))).cluster_id)
    assert len(seen) == 2


async def test_memory_grows_with_what_is_kept(tmp_path: Path) -> None:
    async with EmbeddedBroker(tmp_path / "broker.log") as broker:
        connection = KafkaConnection(broker.address)
        await ensure_topics(connection, [TopicSpec("big.v1", 1)], 1)
        before = broker.rss_bytes()
        assert before > 1 << 20
        async with make_producer(connection, await capabilities(connection)) as producer:
            for number in range(40):
                await producer.send_and_wait("big.v1", _incompressible(number, 1 << 19))
        assert broker.rss_bytes() - before > 10 << 20


async def test_a_missing_executable_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALF_TANSU_BIN", str(tmp_path / "absent"))
    with pytest.raises(EmbeddedBrokerFailed, match="KPI_KAFKA_BOOTSTRAP_SERVERS"):
        await EmbeddedBroker(tmp_path / "broker.log").start()


async def test_an_executable_that_ends_at_once_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ends"
    program.write_text("#!/bin/sh\necho no luck\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("CALF_TANSU_BIN", str(program))
    log = tmp_path / "broker.log"
    with pytest.raises(EmbeddedBrokerFailed, match=str(log)):
        await EmbeddedBroker(log).start()
    assert log.read_text() == "no luck\n"


def _incompressible(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)
