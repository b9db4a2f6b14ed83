"""Every line through the whole product: HTTP, broker, workers, view and api."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.brokers.fixtures import delete_topics
from tests.brokers.waiting import run
from tests.e2e.installations import wait_ready
from tests.table.comparing import differences
from tests.table.lines import LINES
from tests.table.playing import Played, play, the_year
from tests.table.real import Real, start

READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered, and where the records of each stream ended."""

    played: Played
    fates: Mapping[str, Mapping[str, int]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Apache Kafka in order; with `--all-orders` the embedded broker and shuffled as well."""
    if "told" in metafunc.fixturenames:
        runs = [("kafka", "in order"), ("kafka", "shuffled"), ("embedded", "in order"), ("embedded", "shuffled")]
        runs = runs if metafunc.config.getoption("--all-orders") else runs[:1]
        metafunc.parametrize("told", runs, indirect=True, scope="module", ids=[", ".join(each) for each in runs])


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The year, told once for all lines."""
    broker, order = request.param
    cluster = request.getfixturevalue("kafka_cluster") if broker == "kafka" else None
    settings: dict[str, Any] = {"kafka_bootstrap_servers": cluster.bootstrap} if cluster else {}
    up = start(tmp_path_factory.mktemp("table"), **settings)
    try:
        wait_ready(up, READY_SECONDS)
        installation = Real(up)
        try:
            played = play(installation, shuffled=order == "shuffled")
            yield Told(played, installation.fates())
        finally:
            installation.close()
    finally:
        up.end()
        if cluster:
            run(delete_topics(cluster.connection))


@pytest.mark.parametrize("kpi", LINES)
def test_line(told: Told, kpi: str) -> None:
    assert differences(told.played, kpi) == []


def test_what_was_repeated_or_late_is_accounted_for(told: Told) -> None:
    repeated = Counter(event.stream for event in the_year().repeated)
    late = Counter(event.stream for event in the_year().late)
    for stream in repeated | late:
        fates = Counter(told.fates[stream])
        assert (fates["duplicate"], fates["late"]) == (repeated[stream], late[stream]), stream
        assert fates["consumed"] == sum(fates[fate] for fate in ("aggregated", "correction", "duplicate", "late")), (
            stream
        )
