"""The first rows of a table: its delimiter, its columns, and their cells."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

MOST_ROWS: Final = 2_000
Delimiter = Literal[",", ";", "\t", "|"]
_DELIMITERS: Final[tuple[Delimiter, ...]] = (",", ";", "\t", "|")


class NoTable(Exception):
    """What is no table, with its file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file. `columns`: the cells of each column by its name, without surrounding spaces."""

    file: Path
    delimiter: Delimiter
    columns: dict[str, list[str]]
    rows: int


def read_sample(file: Path) -> Sample:
    """The first rows of a CSV file. Raises NoTable."""
    if file.suffix.lower() != ".csv":
        raise NoTable(f"{file}: not a CSV file by its name; `kpi init` reads files that end with .csv")
    delimiter, (head, *rows) = _delimited(file)
    names = head
    for place, name in enumerate(names):
        if not name.strip():
            raise NoTable(f"{file}:1: column {place + 1} has no name; the first line names the columns")
        if name in names[:place]:
            raise NoTable(f"{file}:1: {name!r} stands here twice; a name is one column")
    if not rows:
        raise NoTable(f"{file}:1: there is nothing under the names of the columns")
    known = [row for row in rows if len(row) <= len(names)]
    if 2 * len(known) < len(rows):
        line = next(place for place, row in enumerate(rows, 2) if len(row) > len(names))
        raise NoTable(f"{file}:{line}: {len(rows[line - 2])} cells under {len(names)} columns")
    padded = [[*row, *[""] * (len(names) - len(row))] for row in known]
    cells = {name: [row[place].strip() for row in padded] for place, name in enumerate(names)}
    return Sample(file, delimiter, cells, len(known))


def _delimited(file: Path) -> tuple[Delimiter, list[list[str]]]:
    """Whatever cuts most rows into as many cells as the first one, and these into most."""
    found: dict[Delimiter, list[list[str]]] = {}
    problem: NoTable | None = None
    for delimiter in _DELIMITERS:
        try:
            found[delimiter] = list(islice(_rows(file, delimiter), MOST_ROWS + 1))
        except NoTable as error:
            problem = problem or error
    best = max(found, key=lambda each: _evenness(found[each]), default=None)
    if best is None or not _evenness(found[best])[0]:
        # One column is one to whatever cuts, and commas are what is usual.
        if problem is not None:
            raise problem
        best = ","
    if not found[best]:
        raise NoTable(f"{file}: empty; its first line has to name the columns")
    return best, found[best]


def _evenness(rows: Sequence[Sequence[str]]) -> tuple[bool, float, int]:
    if not rows:
        return False, 0.0, 0
    width = len(rows[0])
    return width > 1, sum(len(row) == width for row in rows) / len(rows), width


def _rows(file: Path, delimiter: str) -> Iterator[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True, delimiter=delimiter)
            try:
                yield from (row for row in reader if any(cell.strip() for cell in row))
            except csv.Error as error:
                raise NoTable(f"{file}:{reader.line_num}: not CSV ({error})") from None
            except UnicodeDecodeError as error:
                message = f"{file}:{reader.line_num + 1}: not UTF-8 ({error.reason}); save it as UTF-8"
                raise NoTable(message) from None
    except OSError as error:
        raise NoTable(f"{file}: {error.strerror or error}") from None
