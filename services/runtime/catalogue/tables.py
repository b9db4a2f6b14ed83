"""Lookup tables as they stand in declarations and in CSV files."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.lookups import MOST_ROWS, Lookup
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake, nearest


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by the value of their key, without empty values; `columns` are all but the key."""

    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row, and where it stands."""

    row: Mapping[str, str]
    file: str
    line: int


def table_of(document: Document, lookup: Lookup) -> tuple[Table, list[Mistake]]:
    """The table of a lookup, and what is wrong with it: with its file, or with single rows."""
    mistakes: list[Mistake] = []
    lines = list(_written(document, lookup) if lookup.file is None else _read(document, lookup, mistakes))
    found: dict[str, Mapping[str, str]] = {}
    first: dict[str, int] = {}
    for each in lines:
        key = each.row.get(lookup.key, "")
        if not key:
            mistakes.append(Mistake(each.file, each.line, f"a row without {lookup.key!r}, by which it is looked up"))
        elif key in found:
            message = f"{lookup.key} {key!r} stands here twice, first in line {first[key]}"
            mistakes.append(Mistake(each.file, each.line, message))
        else:
            first[key] = each.line
            found[key] = {name: value for name, value in each.row.items() if name != lookup.key and value}
    columns = dict.fromkeys(name for each in lines for name in each.row if name != lookup.key)
    return Table(tuple(columns), found), mistakes


def _written(document: Document, lookup: Lookup) -> Iterator[_Line]:
    for number, row in enumerate(lookup.rows):
        yield _Line(row, document.file, document.line(("rows", number)))


def _read(document: Document, lookup: Lookup, mistakes: list[Mistake]) -> Iterator[_Line]:
    path = Path(document.file).parent / str(lookup.file)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        mistakes.append(document.mistake(("file",), f"{path} cannot be read: {error.strerror}"))
        return
    except UnicodeDecodeError:
        mistakes.append(Mistake(str(path), 1, "not UTF-8 text"))
        return
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(rows, [])
        if lookup.key not in header:
            message = f"no column {lookup.key!r}, by which {lookup.lookup} is looked up"
            mistakes.append(Mistake(str(path), 1, message, nearest(lookup.key, header)))
            return
        repeated = sorted({name for name in header if header.count(name) > 1})
        mistakes += [Mistake(str(path), 1, f"the column {name!r} stands here twice") for name in repeated]
        for number, row in enumerate(rows):
            if number == MOST_ROWS:
                mistakes.append(Mistake(str(path), rows.line_num, f"more than {MOST_ROWS} rows"))
                return
            if row and len(row) != len(header):
                message = f"{len(row)} cells, but {len(header)} columns"
                mistakes.append(Mistake(str(path), rows.line_num, message))
            elif row:
                yield _Line(dict(zip(header, row, strict=True)), str(path), rows.line_num)
    except csv.Error as error:
        mistakes.append(Mistake(str(path), rows.line_num, f"not CSV: {error}"))
