"""What blocks of the log amount to: of every hash what was last written of its range, and all that arrived since."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import polars as pl

from kpi.entities.histories import Integers, Mask
from kpi.entities.order import merged
from kpi.entities.packing import KEY, Table
from kpi.entities.places import Hashes
from kpi.entities.portions import Part, columns_of
from kpi.entities.ranges import Ranges
from kpi.entities.records import Layout
from kpi.entities.texts import NO_TEXT, Texts
from kpi.entities.words import Words
from schemas.entities import NEVER


class Written(NamedTuple):
    """A table of the log, and the flush that wrote it."""

    part: Part
    flush: int
    table: Table


class Recovered(NamedTuple):
    """Records in the order of each key. `owner`: of each record the number of its key; `horizons`: by key, up to where
    its records were settled (epoch milliseconds).
    """

    keys: Hashes
    owner: Integers
    columns: dict[str, Integers]
    horizons: Integers


def recovered(written: Sequence[Written], ranges: Ranges, layout: Layout, words: Words, texts: Texts) -> Recovered:
    """All records that count, put into their order at once. `ranges`: as they are written in the log."""
    # What was settled has no texts: its order is that of the pieces that it stands in.
    ordered = sorted(written, key=lambda each: (each.part.arrivals, each.flush, each.part.piece))
    tables = [each.table for each in ordered]
    if not tables:
        return _nothing(layout)
    hashes = np.concatenate([table.numbers[KEY] for table in tables])
    lengths = [table.rows for table in tables]
    arrived = np.repeat([each.part.arrivals for each in ordered], lengths)
    flush, latest = np.repeat([each.flush for each in ordered], lengths), ranges.written(hashes)
    counts = _counting(arrived, flush, latest)
    columns = columns_of(tables, layout, words)
    columns["text"] = _referred(columns["text"] != 0, counts, list(chain(*(table.texts for table in tables))), texts)
    columns, arrived = {name: column[counts] for name, column in columns.items()}, arrived[counts]
    keys, number = np.unique(hashes[counts], return_inverse=True)
    kept = int(np.count_nonzero(~arrived))
    old, new = ({name: column[part] for name, column in columns.items()} for part in (slice(kept), slice(kept, None)))
    both, owner, order = merged(old, number[:kept], new, number[kept:], texts)
    horizons = np.full(len(keys), -NEVER)
    horizons[number[:kept]] = np.repeat([table.horizon for table in tables], lengths)[counts][:kept]
    return Recovered(keys, owner, {name: column[order] for name, column in both.items()}, horizons)


def _counting(arrived: Mask, flush: Integers, latest: Integers) -> Mask:
    """Which records count. `latest`: by record the last flush that wrote all of its range."""
    counts: Mask = np.where(arrived, flush > latest, flush == latest)
    return counts


def _nothing(layout: Layout) -> Recovered:
    empty = np.zeros(0, np.int64)
    return Recovered(empty.view(np.uint64), empty, {n: np.zeros(0, kind) for n, kind in layout.dtypes().items()}, empty)


def _referred(has_text: Mask, counts: Mask, found: list[str | None], texts: Texts) -> Integers:
    references = np.full(len(has_text), NO_TEXT)
    named = np.flatnonzero(has_text)
    wanted = counts[named]
    references[named[wanted]] = texts.add(pl.Series(found, dtype=pl.String).filter(pl.Series(wanted, dtype=pl.Boolean)))
    return references
