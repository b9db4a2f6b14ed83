"""Deadlines by life, for the states that run until one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi.entities.blocks import Column
from kpi.entities.histories import NO_ROW, NULL, Histories, Integers
from kpi.entities.records import Layout, nullable
from kpi.entities.words import Words
from schemas.entities import Entity

Limit = Callable[[str, Histories, Integers], Integers]
"""Of a deadline and the row that it runs from in each life (or NO_ROW), its moment in each; NULL without one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`deadlines`: by name, over the time and the carried fields of the state that each runs from."""

    entity: Entity
    layout: Layout
    words: Words
    deadlines: Mapping[str, pl.Expr]

    def of(self, columns: Mapping[str, Column], identity: Integers) -> Limit:
        """`identity`: by row of the histories, the place of the record in the columns."""

        def limit(name: str, histories: Histories, rows: Integers) -> Integers:
            after = self.entity.deadlines[name].after
            there = rows >= 0
            records = np.full(len(rows), NO_ROW)
            records[there] = identity[rows[there]]
            values = {
                f"{after}_{field}": self.layout.values(self.words, field, columns, records)
                for field in self.entity.states[after].carrying
            }
            frame = pl.DataFrame({f"{after}_time": nullable(pl.Series(histories.moments(rows)))} | values)
            found: Integers = frame.select(self.deadlines[name]).to_series().fill_null(NULL).to_numpy()
            return found

        return limit
