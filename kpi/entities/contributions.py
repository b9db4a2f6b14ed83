"""What entities contribute: a pure function of their records, evaluated in columns."""

from collections.abc import Mapping

import polars as pl

from kpi.calendars import business_time
from kpi.entities.body import Body, offered
from kpi.entities.bounds import Bounds
from kpi.entities.deadlines import deadline_expressions
from kpi.entities.durations import Durations
from kpi.entities.evaluated import Evaluated
from kpi.entities.tables import Tables
from kpi.plan import CURRENCY
from schemas.calendars import Calendar
from schemas.entities import Contribution, NamedTarget

Frames = dict[str, pl.DataFrame]


class Contributions:
    """Evaluates the contributions of an entity.

    The frames it gives, by contribution, have `time` (epoch milliseconds), `value` (Int64), `sign`, the declared
    dimensions (String) and, for money, `currency`.
    """

    def __init__(
        self, body: Body, targets: Mapping[str, NamedTarget], calendars: Mapping[str, tuple[Calendar, ...]]
    ) -> None:
        self._body = body
        known = {name: business_time(calendars[name]) for name in body.entity.calendars}
        self._deadlines = deadline_expressions(body.entity, targets, known)
        self.deadlines = dict(zip(body.entity.deadlines, self._deadlines, strict=True))
        """By name, over the time and the carried fields of the state that each runs from."""
        self._durations = Durations(body.entity, body.pauses, known)
        states = body.entity.states
        self._asked = []
        for name, one in body.entity.contributions.items():
            bounded = one.level is not None and one.is_bounded
            beside = body.read_by_bounded[one.level or ""] if bounded else body.read_by_each.get(one.each or "", ())
            slots = {slot: offered(slot, states[slot]) for slot in beside}
            for deadline, declared in body.entity.deadlines.items() if bounded else ():
                slots.get(declared.after, set()).add(deadline)
            self._asked.append((name, one, _Asked(one, slots)))

    def of(self, evaluated: Evaluated) -> Frames:
        """The contributions of every life."""
        tables = Tables(self._body, evaluated, self._deadlines, self._durations)
        return {name: asked.of(tables.of(one)) for name, one, asked in self._asked}


class _Asked:
    """The expressions of one contribution. `slots`: states of the life that it reads, with their names."""

    def __init__(self, contribution: Contribution, slots: Mapping[str, set[str]]) -> None:
        at = pl.col("__time") if contribution.at is None else pl.sql_expr(contribution.at)
        self._bounds = Bounds(contribution, slots) if contribution.is_bounded else None
        self._where = None if contribution.where is None else pl.sql_expr(contribution.where)
        dimensions = {name: pl.sql_expr(sql).cast(pl.String) for name, sql in contribution.dimensions.items()}
        if contribution.currency is not None:
            dimensions[CURRENCY] = pl.sql_expr(contribution.currency).cast(pl.String)
        value = pl.sql_expr(contribution.value).cast(pl.Int64)
        self._reads_slots = bool(slots)
        # Both edges of a level are of what it was when it began.
        stood_at = pl.col("__begin") if contribution.is_bounded else at.cast(pl.Int64)
        self._at = stood_at.alias("__at")
        # As they stood at the moment: what is set later is not known then, and would change what is final.
        self._stood = [
            pl.when(pl.col(f"{slot}_time") <= pl.col("__at")).then(pl.col(name)).alias(name)
            for slot, names in slots.items()
            for name in sorted(names)
        ]
        time = pl.col("__at") if slots and not contribution.is_bounded else at.cast(pl.Int64)
        self._chosen = {"time": time, "value": value, "sign": pl.col("__sign"), **dimensions}

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._bounds is not None:
            frame = self._bounds.edges(frame)
        if self._reads_slots:
            frame = frame.with_columns(self._at).with_columns(self._stood)
        if self._where is not None:
            frame = frame.filter(self._where)
        # Not select: a literal alone would have one row.
        return frame.with_columns(**self._chosen).select(list(self._chosen)).filter(pl.col("time").is_not_null())
