"""What entities in given states contribute: a pure function, evaluated in columns."""

import datetime
from collections.abc import Sequence

import polars as pl

from kpi.entities.fold import Automaton, Carried, Edge, Episode
from kpi.plan import CURRENCY
from schemas.entities import Contribution, Deadline, Entity, NamedTarget
from schemas.streams import FieldType, Stream

_TYPES = {FieldType.string: pl.String, FieldType.enum: pl.String, FieldType.boolean: pl.Boolean}
_UTC = datetime.UTC


def _moment(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), _UTC).timestamp() * 1000)


def deadline_expression(deadline: Deadline, target: NamedTarget) -> pl.Expr:
    """The deadline in epoch milliseconds; null where no target was in force.

    The most specific target wins, then the latest.
    """
    opened = pl.col(f"{deadline.after}_time")
    chosen = pl.lit(None, pl.Int64)
    ranked = sorted(target.values, key=lambda value: (len(value.where), value.from_))
    for value in ranked:
        holds = opened >= _moment(value.from_)
        for name, wanted in value.where.items():
            holds &= pl.col(f"{deadline.after}_{name}") == wanted
        chosen = pl.when(holds).then(pl.lit(round((value.value or 0) * 1000), pl.Int64)).otherwise(chosen)
    return opened + chosen


class Contributions:
    """Evaluates the contributions of an entity's episodes, edges and reversals.

    The frames it gives, by contribution, have `time` (epoch milliseconds), `value` (Int64), `sign`, the declared
    dimensions (String) and, for money, `currency`.
    """

    def __init__(self, entity: Entity, stream: Stream, automaton: Automaton, targets: dict[str, NamedTarget]) -> None:
        self._entity = entity
        self._automaton = automaton
        self._deadlines = [
            deadline_expression(deadline, targets[deadline.target]).alias(name)
            for name, deadline in entity.deadlines.items()
        ]
        self._columns: dict[str, pl.DataType | type[pl.DataType]] = {}
        for name, state in entity.states.items():
            self._columns[f"{name}_time"] = pl.Int64
            for carried in state.carrying:
                self._columns[f"{name}_{carried}"] = _TYPES.get(stream.fields[carried].type, pl.Int64)

    def of_episodes(
        self, signed: Sequence[tuple[int, Episode]], reversals: Sequence[tuple[int, Edge]]
    ) -> dict[str, pl.DataFrame]:
        """Contributions at a moment.

        `signed`: (+1 or -1, episode); a reversal counts with the opposite sign, at its own time.
        """
        columns: dict[str, list[object]] = {name: [] for name in ("sign", *self._columns)}
        for sign, episode in signed:
            columns["sign"].append(sign)
            for name, state in self._entity.states.items():
                slot = episode.slots.get(name)
                present = slot is not None and not slot.cleared
                columns[f"{name}_time"].append(slot.time if slot is not None and present else None)
                values: Carried = slot.values if slot is not None and present else (None,) * len(state.carrying)
                for carried, value in zip(state.carrying, values, strict=True):
                    columns[f"{name}_{carried}"].append(value)
        for sign, edge in reversals:
            for column in columns.values():
                column.append(None)
            columns["sign"][-1] = -sign
            columns[f"{edge.state}_time"][-1] = edge.time
            for carried, value in zip(self._entity.states[edge.state].carrying, edge.values, strict=True):
                columns[f"{edge.state}_{carried}"][-1] = value
        frame = pl.DataFrame(columns, schema={"sign": pl.Int64, **self._columns}).with_columns(self._deadlines)
        return {
            name: self._evaluated(frame, contribution, pl.sql_expr(contribution.at).cast(pl.Int64))
            for name, contribution in self._entity.contributions.items()
            if contribution.at is not None
        }

    def of_edges(self, signed: Sequence[tuple[int, Edge]]) -> dict[str, pl.DataFrame]:
        """Changes of levels, `value` being the change. `signed`: (+1 or -1, edge)."""
        out: dict[str, pl.DataFrame] = {}
        for name, contribution in self._entity.contributions.items():
            level = contribution.level
            if level is None:
                continue
            edges = [(sign, edge) for sign, edge in signed if edge.state == level]
            carrying = self._entity.states[level].carrying
            columns: dict[str, list[object]] = {
                "sign": [sign * edge.change for sign, edge in edges],
                f"{level}_time": [edge.time for _, edge in edges],
            }
            for place, carried in enumerate(carrying):
                columns[f"{level}_{carried}"] = [edge.values[place] for _, edge in edges]
            frame = pl.DataFrame(columns, schema={key: self._columns.get(key, pl.Int64) for key in columns})
            out[name] = self._evaluated(frame, contribution, pl.col(f"{level}_time"))
        return out

    @staticmethod
    def _evaluated(frame: pl.DataFrame, contribution: Contribution, at: pl.Expr) -> pl.DataFrame:
        if contribution.where is not None:
            frame = frame.filter(pl.sql_expr(contribution.where))
        dimensions = [pl.sql_expr(sql).cast(pl.String).alias(name) for name, sql in contribution.dimensions.items()]
        if contribution.currency is not None:
            dimensions.append(pl.sql_expr(contribution.currency).cast(pl.String).alias(CURRENCY))
        value = pl.sql_expr(contribution.value).cast(pl.Int64)
        chosen = frame.select(at.alias("time"), value.alias("value"), pl.col("sign"), *dimensions)
        return chosen.filter(pl.col("time").is_not_null())
