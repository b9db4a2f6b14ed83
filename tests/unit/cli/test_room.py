"""What is said about the embedded broker's memory, and when: of a process that holds a known amount."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.room import Room, limits
from services.ingest.memory import MIB, memory_refusal
from services.runtime.addresses import Addresses, write_addresses
from services.runtime.processes import resident_bytes
from services.runtime.settings import Settings
from tests.brokers.waiting import until

HOLDS = 160
HOLDING = f"import sys; held = bytearray({HOLDS} * 2**20); print('held', flush=True); sys.stdin.read()"


@pytest.fixture(scope="module")
def held() -> Iterator[int]:
    """A process that holds more than `HOLDS` MiB."""
    command = [sys.executable, "-c", HOLDING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        until(lambda: resident_bytes(process.pid) > HOLDS * MIB, 10, "it holds so much")
        yield process.pid
        process.kill()


def room(folder: Path, pid: int, limit: int, **stated: object) -> tuple[Room, list[str]]:
    """Of a broker that was started under `limit`; a command that asks later was told nothing of it."""
    said: list[str] = []
    write_addresses(folder, Addresses(broker="127.0.0.1:1", pids={"broker": pid}, memory_limit=limit))
    return Room(Settings(data_dir=folder, **stated), said.append), said  # type: ignore[arg-type]


def test_below_the_limit_nothing_is_said(tmp_path: Path, held: int) -> None:
    looked, said = room(tmp_path, held, 2 * HOLDS * MIB)
    assert (looked.check(), said) == (False, [])
    assert memory_refusal(Settings(data_dir=tmp_path))() is None


def test_near_the_limit_it_is_said_before_anything_is_refused(tmp_path: Path, held: int) -> None:
    now = resident_bytes(held)
    looked, said = room(tmp_path, held, now * 16 // 15)
    assert looked.check()
    assert looked.check()
    (line,) = said
    assert line.startswith("Soon events are refused: the embedded broker keeps everything in memory, now ")
    assert "KPI_EMBEDDED_MEMORY_LIMIT" in line
    assert memory_refusal(Settings(data_dir=tmp_path))() is None


def test_at_the_limit_the_refusal_says_what_to_do_and_it_is_said_once(
    tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.room.MEASURE_SECONDS", 0.0)
    looked, said = room(tmp_path, held, HOLDS * MIB)
    assert looked.check()
    assert looked.check()
    (line,) = said
    assert line.startswith("Events are refused, values are still served: ")
    refused = memory_refusal(Settings(data_dir=tmp_path))()
    assert refused is not None
    for words in (f"limit of {HOLDS} MiB", "KPI_EMBEDDED_MEMORY_LIMIT", "KPI_KAFKA_BOOTSTRAP_SERVERS"):
        assert words in refused


def test_the_door_opens_again_only_with_some_room(tmp_path: Path, held: int) -> None:
    now, clock = resident_bytes(held), [0.0]

    def measured(limit: int) -> bool:
        room(tmp_path, held, limit)
        clock[0] += 1
        return refusal() is not None

    refusal = memory_refusal(Settings(data_dir=tmp_path), lambda: clock[0])
    assert measured(now * 2 // 3)
    assert measured(now * 20 // 19)
    assert not measured(now * 3 // 2)
    assert not measured(now * 20 // 19)


def test_another_broker_has_room_of_its_own(tmp_path: Path, held: int) -> None:
    looked, said = room(tmp_path, held, MIB, kafka_bootstrap_servers="127.0.0.1:1")
    assert (looked.check(), said) == (False, [])


def test_the_start_says_what_the_embedded_broker_is_not(tmp_path: Path) -> None:
    text = "\n".join(limits(Settings(data_dir=tmp_path, embedded_memory_limit=64 * MIB)))
    for words in ("in memory", "64 MiB", "never compacted", "without transactions", "Nothing survives a restart"):
        assert words in text
    assert "Apache Kafka, with KPI_KAFKA_BOOTSTRAP_SERVERS" in text
