"""Where declarations stand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from services.runtime.catalogue.files import files_of
from services.runtime.catalogue.reading import read


def places_of_kpis(directories: Sequence[Path]) -> Mapping[str, str]:
    """`file:line` of each KPI that is declared in the folders, by its name."""
    found: dict[str, str] = {}
    for directory in directories:
        for file in files_of(directory):
            for document in read(str(file), file.read_bytes()).documents:
                if document.kind == "kpi":
                    found.setdefault(document.name, f"{document.file}:{document.line()}")
    return found
