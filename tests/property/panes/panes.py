"""A pane store over a log of its own: groups of each family, differences in, records out and read back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from kpi.aggregates.rows import schema
from kpi.grains import MINUTE, grains
from kpi.panes.store import PaneStore, Stamp
from kpi.plan import Column, Family, Group, Merge
from schemas.wire import Base, Record, Rows, decode, encode

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z


def summed(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Merge.sum, None, None) for name in names)


COUNTS = Group("g", "u", "u", Family.totals, ("team", "channel"), summed("n", "amount"))
TEAMS = Group("g", "u", "u", Family.totals, ("team",), summed("n"))
KEYS = Group("g", "u", "u", Family.keys, ("team",), summed("n"), "key")
LEVEL = Group("g", "u", "u.level", Family.level, ("team",), summed("s0", "s1"))


@dataclass
class Written:
    """What a task wrote: the last record of each key, by way of the wire's encoding."""

    records: dict[bytes, Record] = field(default_factory=dict)

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            key, value = encode(record)
            again = decode(key, value)
            if value is None or again is None:
                self.records.pop(key, None)
            else:
                self.records[key] = again

    def rows(self, grain: str) -> list[Rows]:
        return [r for r in self.records.values() if isinstance(r, Rows) and r.grain == grain]

    def bases(self) -> list[Base]:
        return [r for r in self.records.values() if isinstance(r, Base)]


class Panes:
    """A store whose flushes go to a log; it can be lost and read back from there."""

    def __init__(
        self, group: Group, zones: Sequence[str] = ("UTC",), *, most_groups: int = 10**6, most_keys: int = 10**6
    ) -> None:
        self.group, self._caps, self.grains = group, (most_groups, most_keys), grains(zones)
        self.log = Written()
        self.number = 0
        self.watermark: int | None = None
        self._committed: tuple[dict[str, int], dict[str, dict[str, int]]] = ({}, {})
        self.store = self._made()

    def _made(self) -> PaneStore:
        most_groups, most_keys = self._caps
        return PaneStore("u/0", [self.group], self.grains, most_groups=most_groups, most_keys=most_keys)

    def add(self, rows: Sequence[dict[str, object]]) -> None:
        """Rows of minutes, with all columns."""
        self.store.add(self.group.id, pl.DataFrame(list(rows), schema=schema(self.group)))

    def flush(self, watermark: int | None = None) -> list[Rows | Base]:
        self.number += 1
        records = self.store.flush(Stamp("i", self.number), self.watermark, watermark)
        self.watermark = watermark
        self.log.add(records)
        self._committed = self.store.retained, self.store.folded
        return records

    def crash(self) -> None:
        """A new owner reads the log back."""
        self.store = self._made()
        rows = [r for r in self.log.records.values() if isinstance(r, Rows)]
        rows.sort(key=lambda row: (row.group, row.grain))
        self.store.restore(rows, self.log.bases(), *self._committed)

    def contents(self, grain: str) -> dict[tuple[object, ...], tuple[int | None, ...]]:
        """What the log says of a grain: columns by (start, dimension values, extra)."""
        found: dict[tuple[object, ...], tuple[int | None, ...]] = {}
        for pane in self.log.rows(grain):
            for place in range(len(next(iter(pane.columns.values()), []))):
                extra = (pane.extra[place],) if pane.extra is not None else ()
                key = (pane.start, *(values[place] for values in pane.dimensions.values()), *extra)
                assert key not in found, "a row is written at two places"
                found[key] = tuple(values[place] for values in pane.columns.values())
        return found


def minute(moment: int) -> int:
    return moment - moment % MINUTE
