"""An api process's own copy of the panes, in DuckDB: whole flushes in, consistent snapshots out."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import orjson
import structlog

from kpi.plan import Plan
from schemas.wire import Base, Coverage, Progress, Record, Rows, encode
from services.api import tables
from services.api.snapshot import SAID, Decoded, Snapshot

THREADS = 2

logger = structlog.get_logger(__name__)


class View:
    """Rows, bases, changes and progress of all tasks, and the offsets up to which the panes topic was applied.

    One thread writes (`apply`); any number read, each through a `snapshot` of its own.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        self._connection, self._plan = connection, plan
        self._writer = connection.cursor()
        self._opening = threading.Lock()
        self._known: Decoded = {}
        self.state = self._digest()
        self._tasks = {
            name: frozenset(f"{unit.name}/{number}" for number in range(unit.partitions))
            for name, unit in plan.units.items()
        }

    @classmethod
    def in_memory(cls, plan: Plan, memory_limit: int) -> "View":
        """An empty view that lives as long as the process. `memory_limit` in bytes."""
        connection = _connect(":memory:", memory_limit)
        tables.create(connection, plan)
        return cls(connection, plan)

    @classmethod
    def at(cls, path: Path, plan: Plan, source: str, memory_limit: int) -> "View":
        """The view kept in a file, empty where the file is not of this `source` and plan, or cannot be read."""
        identity = f"{source} {tables.fingerprint(plan)}"
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _reopened(path, identity, memory_limit)
        if connection is None:
            for leftover in (path, path.with_name(path.name + ".wal")):
                leftover.unlink(missing_ok=True)
            connection = _connect(str(path), memory_limit)
            tables.create(connection, plan)
            connection.execute("INSERT INTO identity VALUES (?)", [identity])
        return cls(connection, plan)

    def positions(self) -> dict[int, int]:
        """By partition of the panes topic, the next offset to apply."""
        return dict(self._writer.execute("SELECT place, position FROM applied").fetchall())

    def apply(self, records: Sequence[Record], positions: Mapping[int, int]) -> None:
        """Take over whole flushes, in order, with the offsets behind them, in one transaction."""
        latest = {_place(record): record for record in records}
        panes: dict[str, list[Rows]] = {}
        bases: dict[str, list[Base]] = {}
        said: list[Progress | Coverage] = []
        for record in latest.values():
            if isinstance(record, Progress | Coverage):
                said.append(record)
            elif isinstance(record, Rows | Base) and self._is_read(record):
                held: dict[str, list[Rows]] | dict[str, list[Base]] = panes if isinstance(record, Rows) else bases
                held.setdefault(record.group, []).append(record)  # type: ignore[arg-type] # told apart above
        self._writer.execute("BEGIN")
        try:
            for group, rows in panes.items():
                tables.replace_rows(self._writer, self._plan.groups[group], rows)
            for group, sums in bases.items():
                tables.replace_base(self._writer, self._plan.groups[group], sums)
            self._store_said(said)
            self._store_positions(positions)
            self._writer.execute("COMMIT")
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        self.state = self._digest()

    def clear(self) -> None:
        """Forget everything."""
        self._writer.execute("BEGIN")
        for name in tables.names(self._plan):
            self._writer.execute(f"DELETE FROM {name}")  # noqa: S608 - names of tables cannot be parameters
        self._writer.execute("COMMIT")
        self.state = self._digest()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One state of the view, unchanged for as long as the context lasts."""
        with self._opening:
            cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN")
            yield Snapshot(cursor, self._known)
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()
        self._connection.close()

    def _is_read(self, record: Rows | Base) -> bool:
        """Whether the plan has the group, and the task in the unit that counts it: another may have, once."""
        group = self._plan.groups.get(record.group)
        return group is not None and record.task in self._tasks[group.unit]

    def _digest(self) -> str:
        """Of the last flush of every task: all that is held follows from those, in whatever portions it was read."""
        tables = (f"SELECT task, incarnation, flush FROM {name}" for name in sorted(SAID.values()))  # noqa: S608
        found = [self._writer.execute(f"{query} ORDER BY task").fetchall() for query in tables]
        return hashlib.sha256(orjson.dumps(found)).hexdigest()

    def _store_said(self, said: Sequence[Progress | Coverage]) -> None:
        for record in said:
            table = SAID[type(record)]
            values = [record.task, record.incarnation, record.flush, encode(record)[1]]
            # Names of tables cannot be parameters.
            self._writer.execute(f"DELETE FROM {table} WHERE task = ?", [record.task])  # noqa: S608
            self._writer.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", values)  # noqa: S608

    def _store_positions(self, positions: Mapping[int, int]) -> None:
        for place, position in positions.items():
            self._writer.execute("DELETE FROM applied WHERE place = ?", [place])
            self._writer.execute("INSERT INTO applied VALUES (?, ?)", [place, position])


def _place(record: Record) -> tuple[object, ...]:
    """What a later record replaces: the same as its key on Kafka, and cheaper to make."""
    if isinstance(record, Rows):
        return record.task, record.group, record.grain, record.start, record.bucket
    if isinstance(record, Base):
        return record.task, record.group, record.grain
    return type(record), record.task


def _connect(path: str, memory_limit: int) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(path, config={"memory_limit": f"{memory_limit}B", "threads": THREADS})


def _reopened(path: Path, identity: str, memory_limit: int) -> duckdb.DuckDBPyConnection | None:
    """The file's connection, if it is ours and sound."""
    if not path.exists():
        return None
    connection = None
    try:
        connection = _connect(str(path), memory_limit)
        found = connection.execute("SELECT text FROM identity").fetchone()
        if found == (identity,):
            return connection
        logger.info("the view's file is of another cluster or catalogue and is rebuilt")
    except duckdb.Error as error:
        logger.warning("the view's file cannot be read and is rebuilt", error=type(error).__name__)
    if connection is not None:
        connection.close()
    return None
