"""Installations that leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.fixtures import Broker
from tests.integration.aggregator.harness import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Makes an installation on a broker; its workers end with the test."""
    made: list[Installation] = []

    def make(broker: Broker, **stated: Any) -> Installation:
        made.append(Installation(broker, tmp_path, **stated))
        return made[-1]

    yield make
    for installation in made:
        installation.close()
