"""Rows of panes as they are written, and read back. What the columns of a form mean never changes; a new meaning is a
new version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi.aggregates.families import HOLDINGS
from kpi.aggregates.rows import EXTRA, START, schema
from kpi.plan import Group, Merge
from schemas.wire import Rows, UnknownEncoding


@dataclass(frozen=True, slots=True)
class Encoded:
    """The columns of a `schemas.wire.Rows`, and the form that they have."""

    form: str
    dimensions: dict[str, list[str | None]]
    extra: list[int] | None
    columns: dict[str, list[int | None]]


def form_of(group: Group) -> str:
    """The form that rows of the group are written in: family and version."""
    return f"{group.family.value}/{HOLDINGS[group.family].version}"


def encoded(group: Group, columns: Mapping[str, list[Any]], place: slice = slice(None)) -> Encoded:
    """The rows at `place` of columns as `kpi.aggregates.rows.schema` names them."""
    return Encoded(
        form_of(group),
        {name: columns[name][place] for name in group.dimensions},
        columns[EXTRA][place] if EXTRA in columns else None,
        {column.name: columns[column.name][place] for column in group.columns},
    )


def height(pane: Rows) -> int:
    """How many rows a pane has."""
    return len(next(iter(pane.columns.values()), []))


def decoded(group: Group, panes: Sequence[Rows]) -> pl.DataFrame:
    """The rows of all panes, in order; a sum that one does not have yet (of a measure added since) is zero.

    Raises UnknownEncoding.
    """
    known = form_of(group)
    for form in {pane.form for pane in panes} - {known, ""}:
        raise UnknownEncoding(
            f"rows of {group.id} in the panes topic have the form {form!r}, and this service knows {known!r}: "
            "start the version of the service that wrote them"
        )
    wanted = schema(group)
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    for pane in panes:
        rows = height(pane)
        if not rows:
            continue
        columns[START] += [pane.start] * rows
        for name in group.dimensions:
            columns[name] += pane.dimensions[name]
        if EXTRA in columns:
            columns[EXTRA] += pane.extra or []
        for column in group.columns:
            absent = [0 if column.merge is Merge.sum else None] * rows
            columns[column.name] += pane.columns.get(column.name, absent)
    return pl.DataFrame(columns, schema=wanted)
