"""Rows of a pane as they are written, and read back."""

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


def encoded(group: Group, columns: Mapping[str, Sequence[Any]]) -> Encoded:
    """Rows given as columns by name."""
    return Encoded(
        form_of(group),
        {name: list(columns[name]) for name in group.dimensions},
        list(columns[EXTRA]) if EXTRA in columns else None,
        {column.name: list(columns[column.name]) for column in group.columns},
    )


def decoded(group: Group, pane: Rows) -> pl.DataFrame:
    """The rows as a frame of `schema(group)`; a sum that they do not have yet (of a measure added since) is zero.

    Raises UnknownEncoding.
    """
    if pane.form not in (form_of(group), ""):
        raise UnknownEncoding(
            f"rows of {group.id} in the panes topic have the form {pane.form!r}, and this service knows "
            f"{form_of(group)!r}: start the version of the service that wrote them"
        )
    height = len(next(iter(pane.columns.values()), []))
    columns: dict[str, object] = {START: [pane.start] * height, **pane.dimensions, EXTRA: pane.extra}
    for column in group.columns:
        absent = [0 if column.merge is Merge.sum else None] * height
        columns[column.name] = pane.columns.get(column.name, absent)
    wanted = schema(group)
    return pl.DataFrame({name: columns[name] for name in wanted}, schema=wanted)
