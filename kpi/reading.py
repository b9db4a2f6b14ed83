"""What is asked of the panes, and what comes back: the border between the domain and whoever keeps the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kpi.plan import Group
from kpi.selection import Excluded, Wanted
from kpi.tiles import Tile
from schemas.wire import Coverage, Progress

Dimensions = tuple[str | None, ...]
"""The values of the dimensions of a breakdown, in its order; empty for the whole."""

OTHER = "__other__"
"""The dimension value that stands for all that are folded."""

Folds = Mapping[str, int]
"""By dimension how many zero bits the XXH3 hash of a value must begin with, or it counts as `OTHER`."""


@dataclass(frozen=True, slots=True)
class Span:
    """The panes read for one window, [start, end) in epoch milliseconds.

    `before`: what went before. For levels, also by key, it is all time before `start`; for keys the panes of
    the window before.
    """

    tiles: Sequence[Tile] = ()
    before: Sequence[Tile] = ()
    start: int = 0
    end: int = 0

    @property
    def all_tiles(self) -> tuple[Tile, ...]:
        """Everything that is read."""
        return (*self.tiles, *self.before)


@dataclass(frozen=True, slots=True)
class Ask:
    """The merged rows of a group for each span, by and where dimensions have values.

    `columns`: those of totals that are wanted. `without`: dimensions in which rows have no value. `but`: the members
    that are left out. `folds`: by dimensions of `by`, `where` and `but`.
    """

    group: Group
    columns: tuple[str, ...]
    spans: Sequence[Span]
    by: tuple[str, ...] = ()
    where: Mapping[str, Wanted] = field(default_factory=dict)
    folds: Folds = field(default_factory=dict)
    without: tuple[str, ...] = ()
    but: Excluded | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to an `Ask`. `span` is its place there. What `sums` are, follows from the family of the group:

    * totals: the columns asked for.
    * histogram: the count; `extra` is the bucket.
    * keys: the number of keys with a positive count, the total of their counts, the number of keys counted at least
      twice, the number of keys that have a positive count before the span as well.
    * level: the level at the end of the span, and its integral over the span (level x milliseconds). Where it is kept
      apart by value: the least value that is held at the end of the span, and how often any is.
    * first, last: time, tie and value of the earliest or latest event, and the number of events.
    * latest: the sum over keys of the value of each key's latest event, the number of keys, the number of events, and
      the sum over keys of the square of that value.
    * held: of the keys that have a level before the span and, whatever their dimensions, none at its end, the sum of
      these levels, their number twice, and the sum of the squares of these levels.

    `depth`: keys, latest and held are those alone whose hash begins with as many zero bits, one in 2^depth; 0: all of
    them.
    """

    span: int
    dimensions: Dimensions
    currency: str | None
    extra: int | None
    sums: tuple[int | None, ...]
    depth: int = 0


Flushes = frozenset[tuple[str, int]]
"""Flushes, as (task, number)."""


class Panes(Protocol):
    """One consistent state of the panes of all tasks."""

    def read(self, ask: Ask) -> Sequence[Row]:
        """The rows that hold anything; no row where nothing was contributed."""

    def late_flushes(
        self, group: str, spans: Sequence[Span], ends: Sequence[int], reaching: Sequence[int]
    ) -> Sequence[Flushes]:
        """For each span the flushes that changed it after the task's watermark had reached its `end`.

        A change of a level before the span counts if the level differs until the moment in `reaching`.
        """

    def progress(self, task: str) -> Progress | None:
        """Where a task stands; None before its first flush."""

    def coverage(self, task: str) -> Coverage | None:
        """What a task counts, and since when; None where it has not said so."""
