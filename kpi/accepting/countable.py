"""Valid records that cannot be counted, and why: they go to the dead letters rather than into a wrong value."""

from dataclasses import dataclass

import polars as pl

from schemas.streams import FieldType, Stream

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
    return (*(_undeclared(stream) if stream.corrections is None else _contradictory()), *wide)


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
