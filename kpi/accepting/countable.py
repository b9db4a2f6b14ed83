"""Valid records that cannot be counted, and why: they go to the dead letters rather than into a wrong value."""

from dataclasses import dataclass

import polars as pl

from kpi.parts.contributing import moment
from kpi.parts.days import days_of
from kpi.parts.spreading import MOST_DAYS, days_between
from schemas.parts import StreamPart
from schemas.streams import FieldType, Stream
from schemas.times import EARLIEST, LATEST

EXACT = 2**53
"""Integers beyond this are not exact in every JSON reader, and a few hundred of them overflow a sum of 64 bits."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Records for which `holds` are not counted, for this reason; `pointer` names the member."""

    holds: pl.Expr
    reason: str
    pointer: str


def hindrances(stream: Stream) -> tuple[Hindrance, ...]:
    """What can keep a stream's valid records from being counted, on frames of decoded records."""
    wide = [
        Hindrance(
            ~pl.col(name).is_between(-EXACT, EXACT),
            f"beyond {EXACT}, which is too large to be summed exactly: declare a smaller scale or a maximum",
            f"/{name}",
        )
        for name, field in stream.fields.items()
        if field.type is FieldType.int64
    ]
    dated = [each for part in stream.contributions.values() for each in _dated(stream, part)]
    return (*dated, *(_undeclared(stream) if stream.corrections is None else _contradictory()), *wide)


def _dated(stream: Stream, part: StreamPart) -> list[Hindrance]:
    counted = pl.lit(value=True) if part.where is None else pl.sql_expr(part.where)
    if part.spread is not None:
        if part.spread.month is not None:
            return []
        days = days_between(*days_of(part.spread))
        too_long = f"more than {MOST_DAYS} days, which is too long to be spread over: split it"
        return [
            Hindrance(counted & (days < 1), f"ends before it begins, on {part.spread.from_}", f"/{part.spread.to}"),
            Hindrance(counted & (days > MOST_DAYS), too_long, f"/{part.spread.to}"),
        ]
    if part.at is None or part.at.sql is None:
        return []
    beyond = ~moment(stream, part).is_between(EARLIEST, LATEST)
    return [Hindrance(counted & beyond, "is dated beyond the years 1 to 9999", "")]


def _undeclared(stream: Stream) -> list[Hindrance]:
    reason = f"{stream.stream} takes no corrections or voids: declare `corrections` with the stream"
    return [Hindrance(pl.col(name).is_not_null(), reason, f"/{name}") for name in ("corrects", "voids")]


def _contradictory() -> list[Hindrance]:
    both = pl.col("corrects").is_not_null() & pl.col("voids").is_not_null()
    return [
        Hindrance(both, "corrects one event and voids another: send two records", "/voids"),
        *(
            Hindrance(pl.col(name) == pl.col("id"), f"{name} itself: name the earlier event's id", f"/{name}")
            for name in ("corrects", "voids")
        ),
    ]
