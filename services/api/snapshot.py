"""One consistent state of the view, as the domain reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import orjson

from kpi.plan import Column, Family, Group, Merge
from kpi.reading import Ask, Flushes, Row
from kpi.tiles import Tile
from schemas.wire import Progress, decode
from services.api.tables import base_table, column, dimension, rows_table

_MERGES = {Merge.sum: "SUM({})::HUGEINT", Merge.min: "MIN({})", Merge.max: "MAX({})"}
_INSIDE = "held.grain = tile.grain AND (tile.low IS NULL OR held.start >= tile.low) AND held.start < tile.high"


class Snapshot:
    """`kpi.reading.Panes` over one transaction of DuckDB. For one thread."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, decoded: dict[str, tuple[str, int, Progress]]) -> None:
        self._cursor, self._decoded = cursor, decoded
        self._progress: Mapping[str, Progress] | None = None

    def read(self, ask: Ask) -> list[Row]:
        """See `Panes.read`."""
        if not any(ask.spans):
            return []
        group = ask.group
        money = group.currency is not None and group.family is not Family.keys
        names = [dimension(name) for name in ask.by] + ([dimension("currency")] if money else [])
        filters = [f"{dimension(name)} = ?" for name in ask.where]
        source, parameters = _source(group, ask.spans, names, filters, list(ask.where.values()))
        keys = "".join(f", {name}" for name in names)
        if group.family is Family.keys:
            inner = (
                f"SELECT span{keys}, extra, SUM({column('n')})::HUGEINT AS n FROM {source} GROUP BY ALL HAVING n > 0"
            )
            query = f"SELECT span{keys}, NULL, COUNT(*), SUM(n)::HUGEINT FROM ({inner}) GROUP BY span{keys}"
        elif group.family is Family.histogram:
            query = f"SELECT span{keys}, extra, SUM({column('n')})::HUGEINT FROM {source} GROUP BY ALL"
        else:
            merges = {c.name: c for c in group.columns}
            sums = ", ".join(_merge(merges[name]) for name in ask.columns)
            query = f"SELECT span{keys}, NULL, {sums} FROM {source} GROUP BY span{keys}"
        width = len(ask.by)
        return [
            Row(
                span=row[0],
                dimensions=row[1 : 1 + width],
                currency=row[1 + width] if money else None,
                extra=row[1 + width + money],
                sums=row[2 + width + money :],
            )
            for row in self._cursor.execute(query, parameters).fetchall()
        ]

    def late_flushes(self, group: str, spans: Sequence[Sequence[Tile]], ends: Sequence[int]) -> list[Flushes]:
        """See `Panes.late_flushes`."""
        found: list[set[tuple[str, int]]] = [set() for _ in spans]
        if any(spans):
            values, parameters = _tiles(spans, ends)
            query = (
                f"SELECT DISTINCT tile.span, held.task, held.flush FROM changes AS held JOIN {values} ON {_INSIDE}"
                ' WHERE held.watermark >= tile.finish AND held."group" = ?'
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
            rows = self._cursor.execute("SELECT task, incarnation, flush, body FROM progress").fetchall()
            self._progress = {row[0]: self._decode(*row) for row in rows}
        return self._progress

    def _decode(self, task: str, incarnation: str, flush: int, body: bytes) -> Progress:
        known = self._decoded.get(task)
        if known is not None and known[:2] == (incarnation, flush):
            return known[2]
        record = decode(orjson.dumps(["p", task]), body)
        if not isinstance(record, Progress):
            raise TypeError(f"the progress of {task} is not one")
        self._decoded[task] = (incarnation, flush, record)
        return record


def _merge(merged: Column) -> str:
    return _MERGES[merged.merge].format(column(merged.name))


def _source(
    group: Group, spans: Sequence[Sequence[Tile]], names: Sequence[str], filters: Sequence[str], wanted: Sequence[str]
) -> tuple[str, list[Any]]:
    """A subquery of the rows in the spans (a level's with its base), and its parameters."""
    values, parameters = _tiles(spans, [0] * len(spans))
    extra = ["extra"] if group.family in {Family.histogram, Family.keys} else []
    columns = ", ".join(["tile.span", *names, *extra, *(column(c.name) for c in group.columns)])
    also = "".join(f" AND {condition}" for condition in filters)
    query = f"SELECT {columns} FROM {rows_table(group.id)} AS held JOIN {values} ON {_INSIDE}{_bounds(spans)}{also}"
    parameters += wanted
    if group.family is Family.level:
        held = f"{base_table(group.id)} AS held JOIN {values} ON held.grain = tile.grain AND tile.low IS NULL{also}"
        query += f" UNION ALL SELECT {columns} FROM {held}"
        parameters += parameters
    return f"({query})", parameters


def _tiles(spans: Sequence[Sequence[Tile]], ends: Sequence[int]) -> tuple[str, list[Any]]:
    """The tiles as a relation `tile`, and its parameters."""
    rows, parameters = [], []
    for place, (span, end) in enumerate(zip(spans, ends, strict=True)):
        for tile in span:
            rows.append(f"({place}, ?, ?::BIGINT, ?::BIGINT, {int(end)}::BIGINT)")
            parameters += [tile.grain, tile.start, tile.end]
    return f"(VALUES {', '.join(rows)}) AS tile(span, grain, low, high, finish)", parameters


def _bounds(spans: Sequence[Sequence[Tile]]) -> str:
    """The range of all tiles, which lets the database pass over whole blocks of rows."""
    tiles = [tile for span in spans for tile in span]
    high = f" AND held.start < {max(tile.end for tile in tiles)}"
    starts = [tile.start for tile in tiles if tile.start is not None]
    return high + (f" AND held.start >= {min(starts)}" if len(starts) == len(tiles) else "")
