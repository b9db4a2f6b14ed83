"""What a record means to the states of its entity: a bit for each predicate that holds."""

from collections.abc import Iterable

import polars as pl

from schemas.states import Predicate


class Signals:
    """The predicates of an entity, in the order of their bits. `streams`: those that the entity reads."""

    def __init__(self, streams: Iterable[str]) -> None:
        self._predicates: dict[str, list[tuple[int, str]]] = {stream: [] for stream in streams}
        self.count = 0

    def add(self, predicate: Predicate | None) -> int:
        """The bit of one more predicate; 0, which no record has, for none."""
        if predicate is None:
            return 0
        bit = 1 << self.count
        self.count += 1
        for stream, predicates in self._predicates.items():
            sql = predicate if isinstance(predicate, str) else predicate.get(stream)
            if sql is not None:
                predicates.append((bit, sql))
        return bit

    def of(self, stream: str) -> pl.Expr:
        """The bits of a record of the stream, Int64."""
        bits = [
            pl.when(pl.sql_expr(sql)).then(pl.lit(bit, pl.Int64)).otherwise(pl.lit(0, pl.Int64))
            for bit, sql in self._predicates[stream]
        ]
        return (pl.sum_horizontal(bits) if bits else pl.lit(0, pl.Int64)).alias("signals")
