"""The tables of the view: rows of each measure group, the base of each level, and what is known of the log."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np

from kpi.aggregates.encoding import form_of, height
from kpi.plan import Family, Group, Plan
from schemas.wire import Base, Rows, UnknownEncoding

LAYOUT = 3
"""Raised when these tables change: a file of another layout is thrown away."""

LOG_TABLES = (
    """CREATE TABLE changes (
        task VARCHAR, "group" VARCHAR, grain VARCHAR, start BIGINT, bucket BIGINT, flush BIGINT, watermark BIGINT,
        until BIGINT
    )""",
    'CREATE TABLE depths (task VARCHAR, "group" VARCHAR, grain VARCHAR, start BIGINT, bucket BIGINT, depth BIGINT)',
    "CREATE TABLE progress (task VARCHAR, incarnation VARCHAR, flush BIGINT, body BLOB)",
    "CREATE TABLE coverage (task VARCHAR, incarnation VARCHAR, flush BIGINT, body BLOB)",
    "CREATE TABLE applied (place BIGINT, position BIGINT)",
    "CREATE TABLE identity (text VARCHAR)",
)
KEY = "task, grain, start, bucket"
EXTRA_TYPES = {Family.histogram: "BIGINT", Family.keys: "UBIGINT", Family.latest: "UBIGINT", Family.held: "UBIGINT"}
SAMPLED = (Family.keys, Family.latest, Family.held)
"""Families whose panes may hold a sample of their keys; `extra` is the hash of a key."""


def fingerprint(plan: Plan) -> str:
    """What the tables of a plan depend on, as text."""
    shapes = [
        (g.id, g.unit, plan.units[g.unit].partitions, g.family, g.dimensions, [c.name for c in g.columns])
        for g in plan.groups.values()
    ]
    return hashlib.sha256(json.dumps([LAYOUT, sorted(shapes)]).encode()).hexdigest()


def rows_table(group: str) -> str:
    """The quoted name of a group's table."""
    return quoted(f"rows {group}")


def base_table(group: str) -> str:
    """The quoted name of the table of a level group's retired sums."""
    return quoted(f"base {group}")


def dimension(name: str) -> str:
    """The quoted column of a dimension."""
    return quoted(f"d {name}")


def column(name: str) -> str:
    """The quoted column of a measure's column."""
    return quoted(f"c {name}")


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Make all tables, empty."""
    for statement in LOG_TABLES:
        connection.execute(statement)
    for group in plan.groups.values():
        dimensions = [f"{dimension(name)} VARCHAR" for name in group.dimensions]
        columns = [f"{column(c.name)} BIGINT" for c in group.columns]
        extra = [f"extra {EXTRA_TYPES[group.family]}"] if group.family in EXTRA_TYPES else []
        key = ["task VARCHAR", "grain VARCHAR", "start BIGINT", "bucket BIGINT"]
        connection.execute(f"CREATE TABLE {rows_table(group.id)} ({', '.join([*key, *dimensions, *extra, *columns])})")
        if group.family is Family.level:
            fields = ["task VARCHAR", "grain VARCHAR", *dimensions, *columns]
            connection.execute(f"CREATE TABLE {base_table(group.id)} ({', '.join(fields)})")


def names(plan: Plan) -> list[str]:
    """Every table but that of the identity, quoted."""
    levels = [base_table(group.id) for group in plan.groups.values() if group.family is Family.level]
    return [
        *(rows_table(group) for group in plan.groups),
        *levels,
        "changes",
        "depths",
        "progress",
        "coverage",
        "applied",
    ]


def replace_rows(connection: duckdb.DuckDBPyConnection, group: Group, panes: Sequence[Rows]) -> None:
    """Put these panes, each key once, in place of what their keys held. Raises UnknownEncoding."""
    for form in {pane.form for pane in panes} - {form_of(group), ""}:
        raise UnknownEncoding(f"the panes topic has rows of the form {form!r}, which is not known: upgrade the service")
    keys = {
        "task": _texts(pane.task for pane in panes),
        "grain": _texts(pane.grain for pane in panes),
        "start": _integers(pane.start for pane in panes),
        "bucket": _integers(pane.bucket for pane in panes),
    }
    target = rows_table(group.id)
    same = " AND ".join(f"held.{name} = coming.{name}" for name in keys)
    with _Coming(connection, keys):
        connection.execute(f"DELETE FROM {target} AS held USING coming WHERE {same}")
        for log in ("changes", "depths"):
            connection.execute(f'DELETE FROM {log} AS held USING coming WHERE held."group" = ? AND {same}', [group.id])
    heights = np.array([height(pane) for pane in panes], dtype=np.int64)
    frame: dict[str, Any] = {name: np.repeat(values, heights) for name, values in keys.items()}
    for name in group.dimensions:
        frame[f"d {name}"] = _texts(v for pane in panes for v in pane.dimensions.get(name, []))
    if group.family in EXTRA_TYPES:
        kind = np.uint64 if group.family in SAMPLED else np.int64
        frame["extra"] = np.array([v for pane in panes for v in pane.extra or []], dtype=kind)
    for c in group.columns:
        frame[f"c {c.name}"] = _masked(v for pane in panes for v in pane.columns.get(c.name, [None] * height(pane)))
    with _Coming(connection, frame):
        connection.execute(f"INSERT INTO {target} BY NAME SELECT * FROM coming")
    _insert_changes(connection, group.id, panes)


def replace_base(connection: duckdb.DuckDBPyConnection, group: Group, bases: Sequence[Base]) -> None:
    """Put these bases, each task and grain once, in place of what was there."""
    target = base_table(group.id)
    for base in bases:
        connection.execute(f"DELETE FROM {target} WHERE task = ? AND grain = ?", [base.task, base.grain])
        count = len(next(iter(base.columns.values()), []))
        frame: dict[str, Any] = {"task": _texts([base.task] * count), "grain": _texts([base.grain] * count)}
        for name in group.dimensions:
            frame[f"d {name}"] = _texts(base.dimensions.get(name, [None] * count))
        for c in group.columns:
            frame[f"c {c.name}"] = _masked(base.columns.get(c.name, [None] * count))
        if count:
            with _Coming(connection, frame):
                connection.execute(f"INSERT INTO {target} BY NAME SELECT * FROM coming")


def _insert_changes(connection: duckdb.DuckDBPyConnection, group: str, panes: Sequence[Rows]) -> None:
    changes = [(pane, change) for pane in panes for change in pane.changes]
    numbers = {
        "flush": _masked(flush for _, (flush, *_) in changes),
        "watermark": _masked(watermark for _, (_, watermark, *_) in changes),
        "until": _masked(until[0] if until else None for _, (_, _, *until) in changes),
    }
    _insert_log(connection, "changes", group, [pane for pane, _ in changes], numbers)
    sampled = [pane for pane in panes if pane.depth]
    _insert_log(connection, "depths", group, sampled, {"depth": _integers(p.depth for p in sampled)})


def _insert_log(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    group: str,
    panes: Sequence[Rows],
    numbers: Mapping[str, Any],
) -> None:
    """A row for each of `panes` with what stands beside it in `numbers`."""
    if not panes:
        return
    texts = {"task": [p.task for p in panes], "group": [group] * len(panes), "grain": [p.grain for p in panes]}
    places = {"start": _integers(p.start for p in panes), "bucket": _integers(p.bucket for p in panes)}
    frame = {**{name: _texts(values) for name, values in texts.items()}, **places, **numbers}
    with _Coming(connection, frame):
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM coming")


class _Coming:
    """The relation `coming` made of columns, for as long as the context lasts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: dict[str, Any]) -> None:
        self._connection, self._columns = connection, columns

    def __enter__(self) -> None:
        self._connection.register("coming", self._columns)

    def __exit__(self, *_: object) -> None:
        self._connection.unregister("coming")


def _texts(values: Iterable[str | None]) -> Any:
    return np.array(list(values), dtype=object)


def _integers(values: Iterable[int]) -> Any:
    return np.array(list(values), dtype=np.int64)


def _masked(values: Iterable[int | None]) -> Any:
    listed = list(values)
    mask = [value is None for value in listed]
    return np.ma.masked_array(np.array([value or 0 for value in listed], dtype=np.int64), mask=mask)
