"""What is found in a catalogue that is given as text."""

from pathlib import Path

import pytest

from services.runtime.catalogue import CatalogueErrors, Mistake, load
from tests.unit.catalogue.cases import Found


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """The mistakes of a catalogue of one file, without the shipped declarations."""

    def mistakes(text: str) -> tuple[Mistake, ...]:
        (tmp_path / "mine.yaml").write_text(text)
        try:
            load([tmp_path], default=False)
        except CatalogueErrors as errors:
            return errors.mistakes
        return ()

    return mistakes
