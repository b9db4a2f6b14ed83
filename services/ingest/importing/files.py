"""Rows of CSV, NDJSON and Parquet files of any size, a few at a time, each with its place."""

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from schemas.records import Flaw, Mistake, parse

_SLICE = 5_000
_BLOCK = 1 << 20


class FileRefused(Exception):
    """A file that cannot be read at all; says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 0, its line (from 1; in Parquet the row's number), and what stands in it.

    `content` is a mapping of column to cell, for NDJSON a parsed JSON value or the Mistake that it is none.
    """

    number: int
    line: int
    content: Any


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import: its digest (SHA-256 in hex), about how many rows it has, and its columns (None: each row has
    its own).
    """

    file: Path
    digest: str
    rows: int
    columns: tuple[str, ...] | None
    read: Callable[[], Iterator[Row]]


def open_source(file: Path, delimiter: str = ",") -> Source:
    """Look at a file: its kind by its name, its digest, its columns. Raises FileRefused.

    `delimiter`: what stands between the cells of a CSV file.
    """
    kinds: dict[str, Callable[[Path, str, int], Source]] = {
        ".csv": partial(_csv_source, delimiter=delimiter),
        ".ndjson": _ndjson_source,
        ".jsonl": _ndjson_source,
        ".parquet": _parquet_source,
    }
    make = kinds.get(file.suffix.lower())
    if make is None:
        raise FileRefused(f"{file}: not one of {', '.join(kinds)}; the name's ending says what a file is")
    try:
        digest, lines = _digest(file)
        return make(file, digest, lines)
    except OSError as error:
        raise FileRefused(f"{file}: {error.strerror or error}") from None


def _digest(file: Path) -> tuple[str, int]:
    """SHA-256 in hex, and the number of lines."""
    found, lines, last = hashlib.sha256(), 0, b"\n"
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
            lines += block.count(b"\n")
            last = block[-1:]
    return found.hexdigest(), lines + (last != b"\n")


def _csv_source(file: Path, digest: str, lines: int, delimiter: str) -> Source:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        columns = tuple(next(_csv_rows(file, csv.reader(stream, strict=True, delimiter=delimiter)), []))
    if not columns:
        raise FileRefused(f"{file}: empty; its first line has to name the columns")
    if repeated := {name for name in columns if columns.count(name) > 1}:
        raise FileRefused(f"{file}: the first line names {', '.join(sorted(repeated))} twice")

    def read() -> Iterator[Row]:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True, delimiter=delimiter)
            number, line = 0, 0
            for cells in _csv_rows(file, reader):
                first, line = line + 1, reader.line_num
                if first == 1 or not cells:
                    continue
                yield Row(number, first, _row(columns, cells))
                number += 1

    return Source(file, digest, max(lines - 1, 0), columns, read)


def _csv_rows(file: Path, reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise FileRefused(f"{file}, line {reader.line_num}: not CSV ({error})") from None
    except UnicodeDecodeError as error:
        raise FileRefused(f"{file}, after line {reader.line_num}: not UTF-8 ({error.reason})") from None


def _row(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str | None] | Mistake:
    if len(cells) > len(columns):
        return _too_many(len(cells), len(columns))
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    return {name: cell or None for name, cell in zip(columns, padded, strict=True)}


def _too_many(cells: int, columns: int) -> Mistake:
    return Mistake("", f"{cells} cells under {columns} columns", Flaw.wrong_type)


def _ndjson_source(file: Path, digest: str, lines: int) -> Source:
    def read() -> Iterator[Row]:
        number = 0
        with file.open("rb") as stream:
            for line, raw in enumerate(stream, 1):
                if raw.strip():
                    yield Row(number, line, parse(raw))
                    number += 1

    return Source(file, digest, lines, None, read)


def _parquet_source(file: Path, digest: str, _lines: int) -> Source:
    try:
        table = pl.scan_parquet(file)
        columns = tuple(table.collect_schema())
        rows = table.select(pl.len()).collect().item()
    except pl.exceptions.ComputeError as error:
        raise FileRefused(f"{file}: not Parquet ({error})") from None

    def read() -> Iterator[Row]:
        for start in range(0, rows, _SLICE):
            for number, content in enumerate(table.slice(start, _SLICE).collect().iter_rows(named=True), start):
                yield Row(number, number + 1, content)

    return Source(file, digest, rows, columns, read)
