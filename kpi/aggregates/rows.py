"""Rows of measure groups in columns: their shape, and the limits of their integers."""

from collections.abc import Sequence

import polars as pl

from kpi.plan import Family, Group, Merge

START = "start"
EXTRA = "extra"
SAFE_SUM = 2**62

Schema = dict[str, pl.DataType | type[pl.DataType]]

EXTRA_TYPES: dict[Family, type[pl.DataType]] = {
    Family.histogram: pl.Int64,
    Family.keys: pl.UInt64,
    Family.latest: pl.UInt64,
    Family.held: pl.UInt64,
}
"""Families whose rows have an `extra` key, a bucket or a hash, and its type."""


class SumOverflow(Exception):
    """A sum left the range of 64-bit integers; the task stops rather than wrap around."""


class CannotWithdraw(Exception):
    """Something is to be withdrawn from an aggregate that does not keep what it would be without it."""


def schema(group: Group) -> Schema:
    """The columns of a frame of rows, in order: `start` (epoch milliseconds), the dimensions, `extra`, the columns."""
    types: Schema = {START: pl.Int64, **dict.fromkeys(group.dimensions, pl.String)}
    if group.family in EXTRA_TYPES:
        types[EXTRA] = EXTRA_TYPES[group.family]
    return types | {column.name: pl.Int64 for column in group.columns}


def row_key(group: Group) -> list[str]:
    """The columns that identify a row within its grain."""
    return [START, *group.dimensions, *([EXTRA] if group.family in EXTRA_TYPES else [])]


def sums(group: Group) -> list[str]:
    """The names of the columns that are sums."""
    return [column.name for column in group.columns if column.merge is Merge.sum]


def largest(frame: pl.DataFrame, columns: Sequence[str]) -> int:
    """The largest absolute value in `columns`; 0 where there is none."""
    found = 0
    for name in columns:
        for bound in (frame[name].max(), frame[name].min()):
            if isinstance(bound, int):
                found = max(found, abs(bound))
    return found


def checked(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """`frame`, unless a value is beyond ±2^62, from where one more merge could wrap: SumOverflow."""
    worst = largest(frame, columns)
    if worst > SAFE_SUM:
        raise SumOverflow(f"a sum of {worst} is beyond 2^62: declare a smaller scale, or a maximum for the field")
    return frame


def present(frame: pl.DataFrame, group: Group) -> pl.DataFrame:
    """`frame` without the rows whose sums are all zero: nothing is left of what they counted."""
    added = sums(group)
    # Mostly there is nothing to leave out, which one column can tell.
    if added and (frame[added[0]] != 0).all():
        return frame
    return frame.filter(pl.any_horizontal(pl.col(added) != 0))
