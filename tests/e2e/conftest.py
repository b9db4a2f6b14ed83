"""Everything that `kpi up` runs, for tests that feed it real data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers.fixtures import Broker
from tests.e2e.installations import Up, start_kpi_up, wait_ready
from tests.e2e.pizzeria import ON


@pytest.fixture
def pizzeria_up(broker: Broker, tmp_path: Path) -> Iterator[Up]:
    """Everything, two workers, on each broker in turn."""
    running = start_kpi_up(tmp_path, *ON, "--workers", "2", kafka_bootstrap_servers=broker.bootstrap)
    try:
        wait_ready(running, 90)
        yield running
    finally:
        running.end()
