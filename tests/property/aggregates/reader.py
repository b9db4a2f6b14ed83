"""Rows of panes read as the api reads them, in plain Python: what `kpi.measures` gets."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import polars as pl

from kpi.aggregates.level import integral
from kpi.aggregates.rows import EXTRA
from kpi.measures import Measured, columns_of, measured
from kpi.plan import HELD, Family, Group, MeasureReading, Merge
from kpi.reading import Row

_MERGES: dict[Merge, Callable[[Iterable[int]], int]] = {Merge.sum: sum, Merge.min: min, Merge.max: max}


def read(
    reading: MeasureReading, group: Group, rows: pl.DataFrame, start: int, end: int, *, depth: int = 0
) -> Measured:
    """The measure over the panes in [start, end); its window before has the same length."""
    every = list(rows.iter_rows(named=True))
    inside = [row for row in every if start <= row["start"] < end]
    before = [row for row in every if 2 * start - end <= row["start"] < start]
    names = columns_of(reading)
    found = _READERS[group.family](group, names, inside, before if group.family is Family.keys else every, start, end)
    answer = [Row(0, (), None, extra, tuple(sums), depth) for extra, sums in found if any(sums)]
    return measured(reading, answer, names, covered=True)


_Rows = list[dict[str, int]]
_Found = Iterable[tuple[int | None, Iterable[int | None]]]


def _totals(group: Group, names: tuple[str, ...], inside: _Rows, _: _Rows, *__: int) -> _Found:
    merges = {column.name: _MERGES[column.merge] for column in group.columns}
    values = {name: [row[name] for row in inside if row[name] is not None] for name in names}
    yield None, [merges[name](values[name]) if values[name] else None for name in names]


def _histogram(_: Group, __: tuple[str, ...], inside: _Rows, *___: object) -> _Found:
    return [(row[EXTRA], [row["n"]]) for row in inside]


def _by_key(rows: _Rows) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        counts[row[EXTRA]] += row["n"]
    return {key: count for key, count in counts.items() if count > 0}


def _keys(_: Group, __: tuple[str, ...], inside: _Rows, before: _Rows, *___: int) -> _Found:
    now, then = _by_key(inside), _by_key(before)
    yield None, [len(now), sum(now.values()), sum(n > 1 for n in now.values()), len(now.keys() & then.keys())]


def _level(group: Group, _: tuple[str, ...], inside: _Rows, every: _Rows, start: int, end: int) -> _Found:
    if group.is_by_value:
        held: dict[int, int] = defaultdict(int)
        for row in every:
            held[int(row[HELD])] += row["s0"] if row["start"] < end else 0
        values = [value for value, count in held.items() if count > 0]
        yield None, [min(values, default=None), sum(held[value] for value in values)]
        return
    at_start = sum(row["s0"] for row in every if row["start"] < start)
    panes = [(row["start"], row["s0"], row["s1"]) for row in inside]
    yield None, [at_start + sum(s0 for _, s0, _ in panes), integral(at_start, start, end, panes)]


def _one_event(_: Group, __: tuple[str, ...], inside: _Rows, *___: object) -> _Found:
    return [(None, [row[name] for name in ("time", "tie", "value", "n")]) for row in inside]


def _latest(_: Group, __: tuple[str, ...], inside: _Rows, *___: object) -> _Found:
    last: dict[int, tuple[int, int, int]] = {}
    for row in inside:
        moment = (row["time"], row["tie"], row["value"])
        last[row[EXTRA]] = max(moment, last.get(row[EXTRA], moment))
    values = [value for _, _, value in last.values()]
    yield None, [sum(values), len(values), sum(row["n"] for row in inside), sum(value * value for value in values)]


def _held(_: Group, __: tuple[str, ...], inside: _Rows, every: _Rows, start: int, end: int) -> _Found:
    del inside
    began: dict[int, int] = defaultdict(int)
    ended: dict[int, int] = defaultdict(int)
    for row in every:
        began[row[EXTRA]] += row["change"] if row["start"] < start else 0
        ended[row[EXTRA]] += row["change"] if row["start"] < end else 0
    lost = [value for key, value in began.items() if value and not ended[key]]
    yield None, [sum(lost), len(lost), len(lost), sum(value * value for value in lost)]


_READERS: dict[Family, Callable[..., _Found]] = {
    Family.totals: _totals,
    Family.histogram: _histogram,
    Family.keys: _keys,
    Family.level: _level,
    Family.first: _one_event,
    Family.last: _one_event,
    Family.latest: _latest,
    Family.held: _held,
}
