"""Rows between frames and the records of the panes topic."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from kpi.aggregates.encoding import decoded, encoded, height
from kpi.aggregates.rows import START
from kpi.panes.buckets import BUCKET, Address
from kpi.panes.changes import Changes
from kpi.panes.state import GrainState, base_schema
from kpi.plan import Group
from schemas.wire import Base, Rows


class Signature(NamedTuple):
    """Who writes, and the number of the flush."""

    task: str
    incarnation: str
    flush: int


def packed(state: GrainState, rows: pl.DataFrame, addresses: Iterable[Address], signature: Signature) -> Iterator[Rows]:
    """A record for each address among the rows (with `BUCKET`), and an empty one for each other that is named."""
    rows = rows.sort(START, BUCKET)
    lengths = rows.group_by(START, BUCKET, maintain_order=True).len()
    columns = rows.to_dict(as_series=False)
    first = 0
    found = set()
    for start, bucket, length in lengths.iter_rows():
        found.add((start, bucket))
        yield _record(state, (start, bucket), columns, slice(first, first + length), signature)
        first += length
    for address in set(addresses) - found:
        yield _record(state, address, columns, slice(0, 0), signature)


def _record(
    state: GrainState, address: Address, columns: dict[str, list[Any]], place: slice, signature: Signature
) -> Rows:
    (start, bucket), group = address, state.group
    rows = encoded(group, columns, place)
    changes = state.changes.get(start, Changes())
    return Rows(
        task=signature.task,
        group=group.id,
        grain=state.grain.name,
        start=start,
        end=state.grain.end_of(start),
        bucket=bucket,
        incarnation=signature.incarnation,
        flush=signature.flush,
        dimensions=rows.dimensions,
        extra=rows.extra,
        columns=rows.columns,
        changes=changes.last,
        change_count=changes.count,
        form=rows.form,
        depth=state.depth.get(start, 0),
    )


def packed_base(state: GrainState, signature: Signature) -> Base:
    """The record of a level's base."""
    columns = state.base.to_dict(as_series=False)
    return Base(
        task=signature.task,
        group=state.group.id,
        grain=state.grain.name,
        horizon=state.retained or 0,
        incarnation=signature.incarnation,
        flush=signature.flush,
        dimensions={name: columns[name] for name in state.group.dimensions},
        columns={column.name: columns[column.name] for column in state.group.columns},
    )


def restore_base(state: GrainState, base: Base | None) -> None:
    """Gives a new state the base of its group and grain."""
    if base is not None:
        state.base = pl.DataFrame({**base.dimensions, **base.columns}, base_schema(state.group))


def restore_rows(state: GrainState, records: Sequence[Rows]) -> None:
    """Fills a new state with the records of its group and grain. Raises UnknownEncoding."""
    for pane in records:
        held = state.changes.get(pane.start, Changes())
        if pane.change_count > held.count:
            state.changes[pane.start] = Changes(pane.changes, pane.change_count)
        if pane.depth:
            state.depth[pane.start] = max(pane.depth, state.depth.get(pane.start, 0))
    counts: dict[int, int] = {}
    for pane in records:
        counts[pane.start] = max(pane.bucket + 1, counts.get(pane.start, 1))
    large = {start: count for start, count in counts.items() if count > 1}
    state.restore([_frame(state.group, records)] if records else [], large)


def _frame(group: Group, panes: Sequence[Rows]) -> pl.DataFrame:
    buckets = [pane.bucket for pane in panes for _ in range(height(pane))]
    return decoded(group, panes).with_columns(pl.Series(BUCKET, buckets, pl.Int64))
