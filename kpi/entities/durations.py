"""Durations: the time between two moments of an entity, without pauses, and in the open time of a calendar."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from kpi.calendars import UNKNOWN, BusinessTime
from kpi.entities.covering import Covered
from kpi.entities.histories import NULL, Histories, Integers
from kpi.entities.pauses import Held, Pauses
from kpi.entities.records import nullable
from schemas.entities import Elapsed, Entity


class Durations:
    """The durations of an entity, for the rows of any table that has the moments of both ends."""

    def __init__(self, entity: Entity, pauses: Pauses, calendars: Mapping[str, BusinessTime]) -> None:
        self._declared, self._pauses = entity.durations, pauses
        self._calendars = {
            name: calendars[each.calendar] for name, each in entity.durations.items() if each.calendar is not None
        }

    def paused(
        self, histories: Histories, life: Integers, moments: Mapping[str, Integers], held: Held
    ) -> dict[str, Integers]:
        """What does not count of the durations with pauses, by the name of a column, in milliseconds.

        `life`: of each row; `moments`: by name, NULL where there is none.
        """
        return {
            _hidden(name): self._without(name, histories, life, (moments[each.from_], moments[each.to]), held)
            for name, each in self._declared.items()
            if each.less and {each.from_, each.to} <= moments.keys()
        }

    def _without(
        self, name: str, histories: Histories, life: Integers, interval: tuple[Integers, Integers], held: Held
    ) -> Integers:
        start, end = interval
        found = np.zeros(len(life), np.int64)
        known = (start != NULL) & (end != NULL)
        if not known.any():
            return found
        life, start, end = life[known], start[known], end[known]
        latest = max(int(start.max()), int(end.max()))
        owner, begins, ends = self._pauses.spans(self._declared[name].less, histories, held)
        ends = np.where(ends == NULL, latest, ends)
        calendar = self._calendars.get(name)
        if calendar is not None:
            start, end, begins, ends = (calendar.before(each) for each in (start, end, begins, ends))
        found[known] = Covered(owner, begins, ends).between(life, start, end)
        return found

    def expressions(self, moments: Collection[str]) -> list[pl.Expr]:
        """The durations whose moments are among those of a table, in milliseconds."""
        return [
            self._elapsed(name, each).alias(name)
            for name, each in self._declared.items()
            if each.from_ in moments and each.to in moments
        ]

    def _elapsed(self, name: str, each: Elapsed) -> pl.Expr:
        start, end = pl.col(each.from_), pl.col(each.to)
        calendar = self._calendars.get(name)
        whole = end - start if calendar is None else _open(calendar, start, end)
        return whole - pl.col(_hidden(name)) if each.less else whole


def _open(calendar: BusinessTime, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    def elapsed(both: pl.Series) -> pl.Series:
        ends = (both.struct.field(name).fill_null(UNKNOWN).to_numpy() for name in ("start", "end"))
        return nullable(pl.Series(calendar.elapsed(*ends)))

    return pl.struct(start=start, end=end).map_batches(elapsed, return_dtype=pl.Int64)


def _hidden(name: str) -> str:
    """The column of what does not count: no declared name begins like it."""
    return f"__less_{name}"
