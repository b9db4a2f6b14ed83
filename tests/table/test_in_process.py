"""Every line in one process: in order, and shuffled as far as the streams allow; with repetitions and late events."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.table.comparing import differences
from tests.table.in_process import InProcess
from tests.table.lines import LINES
from tests.table.playing import Played, play, the_year


@pytest.fixture(scope="module", params=[(False, 30_000), (True, 7_000)], ids=["in order", "shuffled"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Played, InProcess]]:
    shuffled, at_once = request.param
    installation = InProcess(tmp_path_factory.mktemp("table"), at_once)
    yield play(installation, shuffled=shuffled), installation
    installation.pipeline.view.close()


@pytest.mark.parametrize("kpi", LINES)
def test_line(told: tuple[Played, InProcess], kpi: str) -> None:
    played, _ = told
    assert differences(played, kpi) == []


def test_what_was_repeated_or_late_is_accounted_for(told: tuple[Played, InProcess]) -> None:
    _, installation = told
    repeated = Counter(event.stream for event in the_year().repeated)
    late = Counter(event.stream for event in the_year().late)
    for stream in repeated | late:
        fates = Counter(installation.pipeline.fates(stream))
        assert (fates["duplicate"], fates["late"]) == (repeated[stream], late[stream]), stream
        assert fates["consumed"] == sum(fates[fate] for fate in ("aggregated", "correction", "duplicate", "late")), (
            stream
        )
