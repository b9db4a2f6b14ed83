"""What every case needs: the pipeline of a catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.declared import Made
from tests.pipeline import Pipeline, catalogue_of


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Made]:
    """Makes the pipeline of a catalogue's text."""
    made: list[Pipeline] = []

    def make(text: str) -> Pipeline:
        made.append(Pipeline(catalogue_of(tmp_path, text)))
        return made[-1]

    yield make
    for each in made:
        each.view.close()
