"""Records that are misplaced, that nobody can read, that do not come, and that are years old, in short."""

from pathlib import Path

import pytest

from tests.brokers.fixtures import Broker
from tests.chaos.running import run_shortly
from tests.chaos.scenario import all_scenarios


@pytest.mark.parametrize(
    "name", ["any-producers", "declared-crc32", "poison", "stopped-stream", "backfill", "compacted-restart"]
)
def test_values_stay_exact(name: str, kafka_broker: Broker, tmp_path: Path) -> None:
    run_shortly(all_scenarios()[name], tmp_path, kafka_broker.connection)
