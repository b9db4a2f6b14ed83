"""Workers that others take for dead, and workers whose clocks are wrong, in short."""

from pathlib import Path

import pytest

from tests.brokers.fixtures import Broker
from tests.chaos.running import run_shortly
from tests.chaos.scenario import all_scenarios


@pytest.mark.parametrize("name", ["zombies", "clocks", "silence"])
def test_values_stay_exact(name: str, kafka_broker: Broker, tmp_path: Path) -> None:
    run_shortly(all_scenarios()[name], tmp_path, kafka_broker.connection)
