"""Quantiles by the base-2 exponential histogram: which bucket a value falls into, and what a bucket stands for.

Scale 6: a bucket's upper bound is 2^(1/64) times its lower one. A positive integer v has the bucket
ceil(64 x log2 v) + 2^20, so that the numbers of positive values are positive; 0 has bucket 0, and a negative value the
mirrored number.
"""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

import polars as pl

from kpi.aggregates.holding import Holding, Initial, counted
from kpi.plan import Group

Ordered = TypeVar("Ordered", int, float)

BUCKETS_PER_DOUBLING = 64
OFFSET = 2**20
BASE = 2 ** (1 / BUCKETS_PER_DOUBLING)
RELATIVE_ERROR = (BASE - 1) / (BASE + 1)
"""The most that a bucket's representative is away from any value in it, relative to that value: about 0.54 %."""


def bucket_of(value: pl.Expr) -> pl.Expr:
    """The bucket (Int64) of an integer expression; null for null."""
    # The logarithm of zero has no integer; the branch that asked for it is not taken.
    steps = (value.cast(pl.Float64).abs().log(2) * BUCKETS_PER_DOUBLING).ceil().cast(pl.Int64, strict=False) + OFFSET
    return pl.when(value > 0).then(steps).when(value < 0).then(-steps).when(value == 0).then(pl.lit(0, pl.Int64))


def representative(bucket: int) -> float:
    """The value that a bucket stands for: 2 x upper / (1 + base), equally far, relatively, from both of its bounds."""
    if bucket == 0:
        return 0.0
    upper = 2 ** ((abs(bucket) - OFFSET) / BUCKETS_PER_DOUBLING)
    return math.copysign(2 * upper / (1 + BASE), bucket)


def quantile(counts: Iterable[tuple[int, int]], q: float) -> float | None:
    """The value of nearest rank, ceil(q x n), from (bucket, count) in any order; None where there is nothing."""
    bucket = nearest_rank(counts, q)
    return None if bucket is None else representative(bucket)


def nearest_rank(counts: Iterable[tuple[Ordered, int]], q: float) -> Ordered | None:
    """What has the nearest rank, ceil(q x n), of (number, count) in any order; None where there is nothing."""
    present = sorted((number, count) for number, count in counts if count > 0)
    total = sum(count for _, count in present)
    # As a decimal: 0.07 x 100 is above 7 in binary, which would take the next rank.
    rank = max(math.ceil(Fraction(str(q)) * total), 1)
    for number, count in present:
        rank -= count
        if rank <= 0:
            return number
    return None


class Histogram(Holding):
    """One row for each bucket that holds anything: `n`, the number of its contributions."""

    def initial(self, group: Group, sign: pl.Expr | None) -> Initial:
        """See `Holding`."""
        value = pl.sql_expr(group.extra or "null").cast(pl.Int64)
        return Initial([counted(sign).alias("n")], where=[value.is_not_null()], extra=bucket_of(value))
