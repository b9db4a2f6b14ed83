"""What is asked of the panes, and what comes back: the border between the domain and whoever keeps the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kpi.plan import Group
from kpi.tiles import Tile
from schemas.wire import Progress

Dimensions = tuple[str | None, ...]
"""The values of the dimensions of a breakdown, in its order; empty for the whole."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Sums of the columns of a group for each span (the tiles of one window), by and where dimensions have values."""

    group: Group
    columns: tuple[str, ...]
    spans: Sequence[Sequence[Tile]]
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to an `Ask`. `span` is its place there.

    totals: `sums` of the columns asked for. histogram: `extra` is the bucket, `sums` its count. keys: `sums` are the
    keys with a positive count, and the total of counts. level: `sums` is the sum of changes, retired ones included.
    """

    span: int
    dimensions: Dimensions
    currency: str | None
    extra: int | None
    sums: tuple[int | None, ...]


Flushes = frozenset[tuple[str, int]]
"""Flushes, as (task, number)."""


class Panes(Protocol):
    """One consistent state of the panes of all tasks."""

    def read(self, ask: Ask) -> Sequence[Row]:
        """The rows that hold anything; no row where nothing was contributed."""

    def late_flushes(self, group: str, spans: Sequence[Sequence[Tile]], ends: Sequence[int]) -> Sequence[Flushes]:
        """For each span the flushes that changed it after the task's watermark had reached its `end`."""

    def progress(self, task: str) -> Progress | None:
        """Where a task stands; None before its first flush."""
