"""What entities contribute: a pure function of their records, evaluated in columns."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from kpi.entities.blocks import Column
from kpi.entities.body import Body, as_numbers
from kpi.entities.deadlines import deadline_expression
from kpi.entities.histories import NO_ROW, NULL, Histories, Integers
from kpi.entities.records import Layout, carried_column, nullable
from kpi.entities.states.holdings import Holding
from kpi.entities.states.pairs import Pairing, Pairs
from kpi.entities.states.stages import Course
from kpi.entities.words import NONE, Words
from kpi.plan import CURRENCY
from schemas.entities import NEVER, Contribution, NamedTarget

Frames = dict[str, pl.DataFrame]


class Contributions:
    """Evaluates the contributions of an entity.

    The frames it gives, by contribution, have `time` (epoch milliseconds), `value` (Int64), `sign`, the declared
    dimensions (String) and, for money, `currency`.
    """

    def __init__(self, body: Body, layout: Layout, words: Words, targets: Mapping[str, NamedTarget]) -> None:
        self._body, self._layout, self._words = body, layout, words
        self._entity = body.entity
        self._deadlines = [
            deadline_expression(deadline, targets[deadline.target]).alias(name)
            for name, deadline in self._entity.deadlines.items()
        ]
        self._asked = [(name, one, _Asked(one)) for name, one in self._entity.contributions.items()]

    def of(self, histories: Histories, columns: Mapping[str, Column], sign: Integers) -> Frames:
        """The contributions of every life. `columns`: the carried fields, by row; `sign`: by life, +1 or -1."""
        evaluation = _Evaluation(self._body, self._layout, self._words, histories, columns, sign, self._deadlines)
        return {name: asked.of(evaluation.rows_of(one)) for name, one, asked in self._asked}


class _Asked:
    """The expressions of one contribution."""

    def __init__(self, contribution: Contribution) -> None:
        at = pl.col("__time") if contribution.at is None else pl.sql_expr(contribution.at)
        self._where = None if contribution.where is None else pl.sql_expr(contribution.where)
        dimensions = [pl.sql_expr(sql).cast(pl.String).alias(name) for name, sql in contribution.dimensions.items()]
        if contribution.currency is not None:
            dimensions.append(pl.sql_expr(contribution.currency).cast(pl.String).alias(CURRENCY))
        value = pl.sql_expr(contribution.value).cast(pl.Int64)
        self._chosen = [at.cast(pl.Int64).alias("time"), value.alias("value"), pl.col("__sign").alias("sign"), *dimensions]

    def of(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._where is not None:
            frame = frame.filter(self._where)
        # A literal alone would have one row.
        chosen = frame.with_columns(self._chosen).select([expression.meta.output_name() for expression in self._chosen])
        return chosen.filter(pl.col("time").is_not_null())


class _Evaluation:
    """One set of histories, and the rows that contributions are evaluated over, each made once."""

    def __init__(
        self,
        body: Body,
        layout: Layout,
        words: Words,
        histories: Histories,
        columns: Mapping[str, Column],
        sign: Integers,
        deadlines: list[pl.Expr],
    ) -> None:
        self._body, self._layout, self._words = body, layout, words
        self._histories, self._columns, self._sign, self._deadlines = histories, columns, sign, deadlines
        self._made: dict[tuple[str, str], pl.DataFrame] = {}

    def rows_of(self, contribution: Contribution) -> pl.DataFrame:
        if contribution.level is not None:
            return self._once("level", contribution.level)
        if contribution.closing is not None:
            return self._once("closing", contribution.closing)
        return self._once("each", contribution.each) if contribution.each is not None else self._once("life", "")

    def _once(self, kind: str, state: str) -> pl.DataFrame:
        if (kind, state) not in self._made:
            makers = {"level": self._edges, "closing": self._closings, "each": self._episodes}
            self._made[kind, state] = makers[kind](state) if kind in makers else self._lives()
        return self._made[kind, state]

    def _values(self, field: str, rows: Integers) -> pl.Series:
        return self._layout.values(self._words, field, self._columns, rows)

    def _carried(self, state: str, rows: Integers, prefix: str) -> dict[str, pl.Series]:
        return {f"{prefix}_{field}": self._values(field, rows) for field in self._body.entity.states[state].carrying}

    def _numbers(self, field: str) -> Integers:
        none = int(NONE) if self._layout.fields[field] == pl.String else None
        return as_numbers(self._columns[carried_column(field)], none)

    def _signs(self, rows: Integers) -> Integers:
        return self._sign[self._histories.life[rows]]

    def _lives(self) -> pl.DataFrame:
        """A row for each life, with its moments; and one for each reversal, with that moment alone, signed against."""
        histories = self._histories
        moments = {
            name: self._body.states[name].of(histories)  # type: ignore[union-attr] # the states of a life are moments
            for name, state in self._body.entity.states.items()
            if state.is_slot
        }
        reversals = [(name, each.reversals) for name, each in moments.items() if len(each.reversals)]
        extra = sum(len(rows) for _, rows in reversals)
        columns: dict[str, pl.Series] = {}
        sign = np.concatenate([self._sign, *(-self._signs(rows) for _, rows in reversals)])
        for name, each in moments.items():
            rows = each.row
            if extra:
                others = [at if other == name else np.full(len(at), NO_ROW) for other, at in reversals]
                rows = np.concatenate([rows, *others])
            columns[f"{name}_time"] = nullable(pl.Series(histories.moments(rows)))
            columns |= self._carried(name, rows, name)
        return pl.DataFrame({"__sign": sign, **columns}).with_columns(self._deadlines)

    def _edges(self, state: str) -> pl.DataFrame:
        """What begins and what ends of a state that is held: `__time`, and the sign of the change."""
        histories = self._histories
        spans = self._body.spans(state, histories, self._numbers)
        life = histories.life[spans.start]
        end = spans.end
        forget_after = self._body.entity.forget_after
        if forget_after < NEVER:
            # Abandoned, if nothing more is heard: dated ahead, and withdrawn by the next record.
            end = np.where(end == NULL, histories.last[life] + forget_after, end)
        closed = np.flatnonzero(end != NULL)
        rows = np.concatenate([spans.start, spans.start[closed]])
        sign = self._sign[life]
        begun = histories.time[spans.start]
        columns = {
            "__time": pl.Series(np.concatenate([begun, end[closed]])),
            "__sign": pl.Series(np.concatenate([sign, -sign[closed]])),
            f"{state}_time": pl.Series(np.concatenate([begun, begun[closed]])),
        }
        return pl.DataFrame(columns | self._carried(state, rows, state))

    def _episodes(self, state: str) -> pl.DataFrame:
        histories, kind = self._histories, self._body.states[state]
        if isinstance(kind, Holding):
            episodes = kind.episodes(histories)
            numbers = {"_started": episodes.started, "_ended": episodes.ended, "_times": episodes.times}
            life, rows = episodes.life, episodes.row
        elif isinstance(kind, Course):
            visits = kind.of(histories)
            numbers = {"_entered": visits.entered, "_left": visits.left, "_forward": visits.forward}
            numbers |= {"_spent": visits.spent}
            life, rows = visits.life, visits.row
        elif isinstance(kind, Pairing):
            pairs = kind.of(histories)
            numbers = {"_opened": histories.moments(pairs.opened), "_closed": histories.moments(pairs.closed)}
            life, rows = histories.life[pairs.opened], pairs.opened
        else:
            raise TypeError(f"state {state!r} has no episodes")
        columns = {f"{state}{suffix}": nullable(pl.Series(values)) for suffix, values in numbers.items()}
        if isinstance(kind, Course):
            names = pl.Series(list(self._body.entity.states[state].stages), dtype=pl.String)
            columns[state] = names.gather(visits.stage)
        return pl.DataFrame({"__sign": self._sign[life], **columns, **self._carried(state, rows, state)})

    def _closings(self, state: str) -> pl.DataFrame:
        kind, histories = self._body.states[state], self._histories
        if not isinstance(kind, Pairing):
            raise TypeError(f"state {state!r} is no pair")
        pairs: Pairs = kind.of(histories)
        columns = {
            f"{state}_closed": pl.Series(histories.moments(pairs.closings)),
            f"{state}_opened": nullable(pl.Series(histories.moments(pairs.opening))),
        }
        columns |= self._carried(state, pairs.opening, state)
        columns |= self._carried(state, pairs.closings, f"{state}_closing")
        return pl.DataFrame({"__sign": self._signs(pairs.closings), **columns})
