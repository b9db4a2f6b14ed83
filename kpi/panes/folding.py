"""Which dimension values of a group are folded into `__other__`, so that its combinations stay few."""

from collections.abc import Iterable, Sequence

import polars as pl

from kpi.aggregates.rows import START
from kpi.folds import beyond
from kpi.panes.hashes import row_hashes
from kpi.plan import CURRENCY, HELD, Group
from kpi.reading import OTHER

_DEEPEST = 63
_UNCOUNTED = 10_000
_HASH = "hash"


class Folding:
    """The folds of one group. `depths`: by dimension, how many zero bits the hash of a kept value begins with.

    They only rise. Dimensions that keep all of their values are absent; nulls, currencies and values held are never
    folded.
    """

    def __init__(self, group: Group, most_groups: int, depths: dict[str, int]) -> None:
        self._dimensions = [name for name in group.dimensions if name not in (CURRENCY, HELD)]
        self._most_groups = most_groups
        self.depths = depths
        self._noted: list[pl.DataFrame] = []

    def folded(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` with the folded values replaced; rows that become equal are not merged."""
        return frame.with_columns(_replaced(frame[name], depth) for name, depth in self.depths.items())

    def note(self, minutes: pl.DataFrame) -> bool:
        """Takes notice of the combinations in new rows; whether there may be too many now."""
        if not self._dimensions:
            return False
        hashes = row_hashes(minutes, self._dimensions)
        self._noted.append(_latest(pl.DataFrame({_HASH: hashes, START: minutes[START]})))
        whole, *more = self._noted
        # Far fewer rows than are allowed need no exact count.
        if sum(frame.height for frame in more) > max(whole.height, _UNCOUNTED) or self._count() > self._most_groups:
            self._noted = [_latest(pl.concat(self._noted))]
        return self._count() > self._most_groups

    def _count(self) -> int:
        """No fewer combinations than there are."""
        return sum(frame.height for frame in self._noted)

    def forget(self, horizon: int) -> None:
        """Lets go of the combinations that no pane from `horizon` on (epoch milliseconds) can hold."""
        if self._noted:
            self._noted = [_latest(pl.concat(self._noted)).filter(pl.col(START) >= horizon)]

    def recount(self, frames: Iterable[pl.DataFrame]) -> pl.DataFrame | None:
        """Starts anew from the rows that are held; their combinations, if these are too many."""
        self._noted = []
        held = list(frames) if self._dimensions else []
        if not held:
            return None
        # Together: a pane of many groups is held in thousands of small frames.
        rows = pl.concat(held).select(START, *self._dimensions)
        return self.crowd([rows]) if self.note(rows) else None

    def crowd(self, frames: Sequence[pl.DataFrame]) -> pl.DataFrame | None:
        """The combinations of dimension values in the rows, if these are too many."""
        if not self._dimensions or not frames:
            return None
        found = pl.concat([frame.select(self._dimensions) for frame in frames]).unique()
        return found if found.height > self._most_groups else None

    def deepen(self, combinations: pl.DataFrame) -> None:
        """Folds the dimension with the most values, a bit at a time, until the combinations are few enough."""
        while combinations.height > self._most_groups:
            sizes = {n: combinations[n].n_unique() for n in self._dimensions if self.depths.get(n, 0) < _DEEPEST}
            if not sizes:
                return
            widest = max(sizes, key=lambda name: (sizes[name], name))
            self.depths[widest] = self.depths.get(widest, 0) + 1
            combinations = self.folded(combinations).unique()


def _latest(seen: pl.DataFrame) -> pl.DataFrame:
    """Each combination once, with the latest pane that holds it."""
    return seen.group_by(_HASH).agg(pl.col(START).max())


def _replaced(values: pl.Series, depth: int) -> pl.Series:
    folded = pl.DataFrame({values.name: values, "__folded": beyond(values, depth)})
    return folded.select(
        pl.when("__folded").then(pl.lit(OTHER)).otherwise(pl.col(values.name)).alias(values.name)
    ).to_series()
