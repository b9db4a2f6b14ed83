"""Samples of keys: those whose hash begins with `depth` zero bits, one in 2^depth; and what follows from them for all.

Whether a key belongs to a sample depends on its hash alone, so samples of one depth merge and are withdrawn from like
whole sets, and one of a smaller depth becomes one of a greater.
"""

import math

import polars as pl

from kpi.aggregates.rows import EXTRA

HASH_BITS = 64
NORMAL_95 = 1.96
"""A normal variable is within so many standard deviations in 95 % of all cases."""

Bounds = tuple[float, float]


def in_sample(depth: int) -> pl.Expr:
    """Whether the hash in `extra` (UInt64) belongs to a sample of this depth."""
    return pl.col(EXTRA) <= pl.lit((1 << (HASH_BITS - depth)) - 1, pl.UInt64)


def thinned(rows: pl.DataFrame, depth: int) -> pl.DataFrame:
    """The rows whose key belongs to a sample of this depth."""
    return rows.filter(in_sample(depth)) if depth else rows


def fitting_depth(hashes: pl.Series, depth: int, most: int) -> int:
    """The least depth from `depth` on, at which not more than `most` of the hashes (UInt64, any order) are kept."""
    if len(hashes) <= most:
        return depth
    first_too_many = int(hashes.sort()[most])
    return min(HASH_BITS, max(depth, HASH_BITS + 1 - first_too_many.bit_length()))


def estimated(kept: int, depth: int) -> tuple[int, Bounds | None]:
    """How many keys there are, where a sample of this depth has `kept` of them, and 95 % bounds; at depth 0 exactly so.

    The bounds are those of the score interval: all numbers of which `kept` lies within 1.96 standard deviations of
    what a sample has of them.
    """
    if depth == 0:
        return kept, None
    share = 0.5**depth
    spread = NORMAL_95**2 * (1 - share)
    middle, reach = 2 * kept + spread, math.sqrt(spread * (4 * kept + spread))
    return kept << depth, (max((middle - reach) / (2 * share), float(kept)), (middle + reach) / (2 * share))


def estimated_sum(total: int, squares: int, depth: int) -> tuple[int, Bounds | None]:
    """The sum of a value over all keys, where a sample has this sum and this sum of squares, and 95 % bounds."""
    if depth == 0:
        return total, None
    share = 0.5**depth
    estimate, reach = total << depth, NORMAL_95 * math.sqrt(squares * (1 - share)) / share
    return estimate, (estimate - reach, estimate + reach)
