"""What entities contribute: a pure function of their records, evaluated in columns."""

from collections.abc import Mapping

import polars as pl

from kpi.entities.body import Body
from kpi.entities.deadlines import deadline_expressions
from kpi.entities.tables import Evaluated, Tables
from kpi.plan import CURRENCY
from schemas.entities import Contribution, NamedTarget

Frames = dict[str, pl.DataFrame]


class Contributions:
    """Evaluates the contributions of an entity.

    The frames it gives, by contribution, have `time` (epoch milliseconds), `value` (Int64), `sign`, the declared
    dimensions (String) and, for money, `currency`.
    """

    def __init__(self, body: Body, targets: Mapping[str, NamedTarget]) -> None:
        self._body = body
        self._deadlines = deadline_expressions(body.entity, targets)
        self._asked = [(name, one, _Asked(one)) for name, one in body.entity.contributions.items()]

    def of(self, evaluated: Evaluated) -> Frames:
        """The contributions of every life."""
        tables = Tables(self._body, evaluated, self._deadlines)
        return {name: asked.of(tables.of(one)) for name, one, asked in self._asked}


class _Asked:
    """The expressions of one contribution."""

    def __init__(self, contribution: Contribution) -> None:
        at = pl.col("__time") if contribution.at is None else pl.sql_expr(contribution.at)
        self._where = None if contribution.where is None else pl.sql_expr(contribution.where)
        dimensions = {name: pl.sql_expr(sql).cast(pl.String) for name, sql in contribution.dimensions.items()}
        if contribution.currency is not None:
            dimensions[CURRENCY] = pl.sql_expr(contribution.currency).cast(pl.String)
        value = pl.sql_expr(contribution.value).cast(pl.Int64)
        self._chosen = {"time": at.cast(pl.Int64), "value": value, "sign": pl.col("__sign"), **dimensions}

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._where is not None:
            frame = frame.filter(self._where)
        # Not select: a literal alone would have one row.
        return frame.with_columns(**self._chosen).select(list(self._chosen)).filter(pl.col("time").is_not_null())
