"""Proof, by counting names, that columns hold what their records say.

Polars' reader takes numbers and objects for a text column, passes over fields that are not in the schema, and takes
the first of two equal names where every other reader takes the last. Each value in a column comes from a name of its
own in the text, whose closing quote and colon stand together, and the first byte after them tells text, null, and
everything else apart. So where the counts of those equal the counts of filled cells, no text column holds anything but
text, and there is no unknown, repeated or nested name.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

_NEWLINE, _SPACE, _QUOTE, _COLON, _NULL, _OPEN, _CLOSE = b'\n ":n{}'
_Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Names:
    """Positions of colons in a buffer of lines: between a name and a text, a null, or anything else; and those that
    stand loose.
    """

    texts: _Positions
    nulls: _Positions
    others: _Positions
    loose: _Positions


def one_object_a_line(joined: bytes, lines: int) -> bool:
    """Whether each of the values that were joined by newlines has the outer form of one object on one line."""
    buffer = np.frombuffer(joined, np.uint8)
    breaks = np.flatnonzero(buffer == _NEWLINE)
    return bool(
        breaks.size == lines - 1
        and joined[:1] == b"{"
        and joined[-1:] == b"}"
        and (buffer[breaks - 1] == _CLOSE).all()
        and (buffer[breaks + 1] == _OPEN).all()
    )


def names_in(joined: bytes) -> Names:
    """Where names stand in some lines of JSON, each `{...}`. Text that looks like a name makes these more, never
    fewer.
    """
    buffer = np.frombuffer(joined + b"\n", np.uint8)
    colons = np.flatnonzero(buffer == _COLON)
    before, first = buffer[colons - 1], buffer[colons + 1]
    spaced = first == _SPACE
    if spaced.any():
        first = np.where(spaced, buffer[colons + 2 - ~spaced], first)
    name = before == _QUOTE
    texts, nulls = name & (first == _QUOTE), name & (first == _NULL)
    return Names(colons[texts], colons[nulls], colons[name & ~texts & ~nulls], colons[before <= _SPACE])


def all_settled(names: Names, frame: pl.DataFrame, known_nulls: int) -> bool:
    """Whether every row is proven. `known_nulls`: how often the text writes a null after the name of one of the
    columns.
    """
    texts = others = 0
    for column in frame:
        filled = frame.height - column.null_count()
        texts, others = (texts + filled, others) if column.dtype == pl.String else (texts, others + filled)
    found = (names.texts.size, names.others.size, names.nulls.size, names.loose.size)
    return found == (texts, others, known_nulls, 0)


@dataclass(frozen=True, slots=True)
class RowNames:
    """Per row: the number of names in its text, whether a colon stands loose, and whether the row is proven by
    itself.
    """

    count: _Positions
    loose: NDArray[np.bool_]
    settled: NDArray[np.bool_]


def by_row(joined: bytes, names: Names, frame: pl.DataFrame) -> RowNames:
    """The same evidence, row by row."""
    ends = np.append(np.flatnonzero(np.frombuffer(joined, np.uint8) == _NEWLINE), len(joined))

    def count(positions: _Positions) -> _Positions:
        return np.diff(np.searchsorted(positions, ends), prepend=0)

    def cells(*, text: bool) -> _Positions:
        columns = [column.is_not_null().to_numpy() for column in frame if (column.dtype == pl.String) is text]
        filled: _Positions = np.sum(columns, axis=0, dtype=np.int64)
        return filled

    texts, nulls, others, loose = count(names.texts), count(names.nulls), count(names.others), count(names.loose)
    settled = (texts == cells(text=True)) & (others == cells(text=False)) & (nulls == 0) & (loose == 0)
    return RowNames(texts + nulls + others, loose > 0, settled)
