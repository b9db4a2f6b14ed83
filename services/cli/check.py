"""`kpi check`: every mistake of a catalogue in one run."""

from collections.abc import Sequence
from pathlib import Path

from schemas.kpis import Catalogue
from services.cli.console import output
from services.cli.failures import FAILED
from services.runtime.catalogue import CatalogueErrors, load


def check(directories: Sequence[Path], packs: Sequence[str] | None, default: bool) -> int:
    """Prints every mistake, or in one line what the catalogue holds; the exit status, 1 where there are mistakes.

    The arguments are those of `services.runtime.catalogue.load`.
    """
    return FAILED if checked(directories, packs, default) is None else 0


def checked(directories: Sequence[Path], packs: Sequence[str] | None, default: bool) -> Catalogue | None:
    """Prints as `check` does; the catalogue, None where there are mistakes."""
    console = output()
    try:
        catalogue = load(directories, packs=packs, default=default)
    except CatalogueErrors as error:
        for mistake in error.mistakes:
            console.print(str(mistake))
        files = len({mistake.file for mistake in error.mistakes})
        console.print(f"{_counted(len(error.mistakes), 'mistake')} in {_counted(files, 'file')}")
        return None
    held = [
        _counted(len(catalogue.streams), "stream"),
        _counted(len(catalogue.entities), "entity", "entities"),
        _counted(len(catalogue.kpis), "KPI"),
    ]
    console.print(f"No mistakes: {', '.join(held)}.")
    return catalogue


def _counted(number: int, what: str, many: str | None = None) -> str:
    return f"{number} {what if number == 1 else many or what + 's'}"
