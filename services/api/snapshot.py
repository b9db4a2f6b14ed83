"""One consistent state of the view, as the domain reads it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import duckdb
import orjson
import polars as pl

from kpi.folds import beyond
from kpi.plan import Group
from kpi.reading import Ask, Flushes, Row, Span
from schemas.wire import Coverage, Progress, decode
from services.api import queries
from services.api.tables import SAMPLED

Said = TypeVar("Said", Progress, Coverage)
SAID: Mapping[type[Progress | Coverage], str] = {Progress: "progress", Coverage: "coverage"}
"""The tables of what each task says of itself."""
KEYS: Mapping[type[Progress | Coverage], str] = {Progress: "p", Coverage: "k"}
"""What their keys begin with in the log."""
Decoded = dict[tuple[type[Progress | Coverage], str], tuple[str, int, Progress | Coverage]]
"""By kind and task: incarnation, flush, and what it said then."""


class Snapshot:
    """`kpi.reading.Panes` over one transaction of DuckDB. For one thread."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, decoded: Decoded) -> None:
        self._cursor, self._decoded = cursor, decoded
        self._progress: Mapping[str, Progress] | None = None
        self._coverage: Mapping[str, Coverage] | None = None

    def read(self, ask: Ask) -> list[Row]:
        """See `Panes.read`."""
        if not any(span.all_tiles for span in ask.spans):
            return []
        depths = self._depths(ask.group, ask.spans)
        query, parameters = queries.merged(ask, depths, [self._kept(ask, name) for name in ask.folds])
        width, money = len(ask.by), queries.has_money(ask.group)
        rows = [
            Row(
                span=row[0],
                dimensions=row[1 : 1 + width],
                currency=row[1 + width] if money else None,
                extra=row[1 + width + money],
                sums=tuple(None if each is None else int(each) for each in row[2 + width + money :]),
                depth=depths[row[0]],
            )
            for row in self._cursor.execute(query, parameters).fetchall()
        ]
        return rows if ask.by else rows + _of_nothing(rows, depths)

    def _depths(self, group: Group, spans: Sequence[Span]) -> list[int]:
        """By span the greatest depth of all panes that it reads: then all of them are samples of the same keys."""
        depths = [0] * len(spans)
        if group.family in SAMPLED:
            tile, parameters = queries.tiles(spans)
            query = (
                f"SELECT tile.span, MAX(held.depth) FROM depths AS held JOIN {tile} ON {queries.INSIDE}"
                ' WHERE held."group" = ? GROUP BY tile.span'
            )
            for span, depth in self._cursor.execute(query, [*parameters, group.id]).fetchall():
                depths[span] = depth
        return depths

    def _kept(self, ask: Ask, name: str) -> list[str]:
        """The values of a folded dimension that are not folded."""
        held = queries.values_of(ask, name)
        found = [value for (value,) in self._cursor.execute(held).fetchall() if value is not None]
        values = pl.Series(found, dtype=pl.String)
        kept: list[str] = values.filter(~beyond(values, ask.folds[name])).to_list()
        return kept

    def late_flushes(
        self, group: str, spans: Sequence[Span], ends: Sequence[int], reaching: Sequence[int]
    ) -> list[Flushes]:
        """See `Panes.late_flushes`."""
        found: list[set[tuple[str, int]]] = [set() for _ in spans]
        if any(span.all_tiles for span in spans):
            tile, parameters = queries.tiles(spans, ends=ends, reaching=reaching)
            query = (
                f"SELECT DISTINCT tile.span, held.task, held.flush FROM changes AS held JOIN {tile} ON {queries.INSIDE}"
                ' WHERE held.watermark >= tile.finish AND held."group" = ?'
                " AND (NOT tile.earlier OR held.until IS NULL OR held.until >= tile.reaching)"
            )
            for span, task, flush in self._cursor.execute(query, [*parameters, group]).fetchall():
                found[span].add((task, flush))
        return [frozenset(flushes) for flushes in found]

    def progress(self, task: str) -> Progress | None:
        """See `Panes.progress`."""
        return self.all_progress().get(task)

    def all_progress(self) -> Mapping[str, Progress]:
        """Where every task stands that has flushed."""
        if self._progress is None:
            self._progress = self._said(Progress)
        return self._progress

    def coverage(self, task: str) -> Coverage | None:
        """See `Panes.coverage`."""
        return self.all_coverage().get(task)

    def all_coverage(self) -> Mapping[str, Coverage]:
        """What every task counts that has said so."""
        if self._coverage is None:
            self._coverage = self._said(Coverage)
        return self._coverage

    def _said(self, kind: type[Said]) -> dict[str, Said]:
        query = f"SELECT task, incarnation, flush, body FROM {SAID[kind]}"
        return {row[0]: self._decode(kind, *row) for row in self._cursor.execute(query).fetchall()}

    def _decode(self, kind: type[Said], task: str, incarnation: str, flush: int, body: bytes) -> Said:
        known = self._decoded.get((kind, task))
        if known is not None and known[:2] == (incarnation, flush) and isinstance(known[2], kind):
            return known[2]
        record = decode(orjson.dumps([KEYS[kind], task]), body)
        if not isinstance(record, kind):
            raise TypeError(f"the {SAID[kind]} of {task} is not one")
        self._decoded[kind, task] = (incarnation, flush, record)
        return record


def _of_nothing(rows: Sequence[Row], depths: Sequence[int]) -> list[Row]:
    """For spans in which a sample has nothing, that it is a sample: there may be something beside it."""
    answered = {row.span for row in rows}
    return [
        Row(span, (), None, None, (0, 0, 0, 0), depth)
        for span, depth in enumerate(depths)
        if depth and span not in answered
    ]
