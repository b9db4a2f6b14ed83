"""Deadlines: the moment of a state plus the target that was in force then."""

import datetime

import polars as pl

from schemas.entities import Deadline, NamedTarget


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


def _moment(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp() * 1000)
