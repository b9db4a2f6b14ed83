"""Brokers that are killed, one of three that is killed, and a disk that is full, in short."""

from pathlib import Path

import pytest

from tests.chaos.running import run_shortly
from tests.chaos.scenario import all_scenarios


@pytest.mark.usefixtures("kafka_ready")
@pytest.mark.parametrize("name", ["broker-bounce", "one-of-three", "full-disk"])
def test_values_stay_exact(name: str, tmp_path: Path) -> None:
    run_shortly(all_scenarios()[name], tmp_path)
